/** Objects with much in them, for both kubectls to show. */
export const richPod = `apiVersion: v1
kind: Pod
metadata: {name: rich, labels: {app: rich, tier: x}, annotations: {a: b, long: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", multi: "x\\ny\\n"}}
spec:
  nodeSelector: {disk: ssd}
  tolerations: [{key: k, operator: Equal, value: v, effect: NoSchedule}, {key: z, operator: Exists}]
  topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: rich}}}]
  initContainers:
  - {name: i, image: 'busybox:1', command: [sh, -c, "echo\\nfoo"]}
  containers:
  - name: c
    image: nginx:1
    ports: [{containerPort: 80, name: http}, {containerPort: 53, protocol: UDP}]
    args: [a, "b c"]
    env: [{name: A, value: x}, {name: NN, valueFrom: {fieldRef: {fieldPath: metadata.name}}}, {name: S, valueFrom: {secretKeyRef: {name: s, key: k}}}, {name: C, valueFrom: {configMapKeyRef: {name: s, key: k, optional: true}}}, {name: L, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}, {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]
    envFrom: [{configMapRef: {name: cm}}, {prefix: P_, secretRef: {name: s}}]
    resources: {limits: {cpu: "1", memory: 1Gi}, requests: {cpu: 100m}}
    livenessProbe: {httpGet: {path: /healthz, port: 80}, initialDelaySeconds: 3}
    readinessProbe: {tcpSocket: {port: http}}
    startupProbe: {exec: {command: [ls, -l]}}
    volumeMounts: [{name: e, mountPath: /e}, {name: c, mountPath: /c, readOnly: true, subPath: p}]
  volumes:
  - {name: e, emptyDir: {}}
  - {name: c, configMap: {name: cm}}
  - {name: s, secret: {secretName: s}}
  - {name: h, hostPath: {path: /tmp, type: Directory}}
  - {name: d, downwardAPI: {items: [{path: l, fieldRef: {fieldPath: metadata.labels}}]}}
`;

export const loadBalancer = `apiVersion: v1
kind: Service
metadata: {name: lb, labels: {a: b}}
spec: {selector: {app: rich, tier: x}, type: LoadBalancer, externalTrafficPolicy: Local, sessionAffinity: ClientIP, ports: [{port: 80, name: http, targetPort: http}, {port: 53, name: dns, protocol: UDP}]}
`;

export const secret = `apiVersion: v1
kind: Secret
metadata: {name: s}
stringData: {k: hello}
`;

export const node = `apiVersion: v1
kind: Node
metadata: {name: n1, labels: {node-role.kubernetes.io/worker: "", disk: ssd}}
spec: {podCIDR: 10.244.1.0/24, taints: [{key: a, value: b, effect: NoSchedule}, {key: c, effect: NoExecute}]}
`;

/** Texts that YAML must quote, fold or write as a block. */
export const texts = `apiVersion: v1
kind: ConfigMap
metadata: {name: cm2}
data: {a: "1", "b.txt": "line1\\nline2\\n", c: "yes", d: "<a&b>", "10": x, "9": yy, e: "", f: " lead", g: "it's", h: "# no", i: "2026-01-01", j: "tab\\there", k: "a: b", l: "trail ", m: "- x", nn: "\\n", o: "x\\n\\n", p: "0x1F", q: "1e3", r: "1_000", s: "12:30:45", t: "{}", u: "*x", v: "long words long words long words long words long words long words long words long words long words long words", w: "über", x: "\\u0001", yy: "~", z: "a#b", aa: "a #b", bb: "x:y", cc: "%a", dd: "'", ee: "\\"q\\" and long words long words long words long words long words: long words long words long words long words"}
binaryData: {bin: AAEC}
`;

export const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: c, image: 'nginx:1', ports: [{containerPort: 80}], env: [{name: A, value: "true"}, {name: B, value: "x: y"}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}], type: NodePort}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: one}
data: {key: value}
`;

/** What keeps its revisions as ControllerRevisions. */
export const sets = `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, annotations: {kubernetes.io/change-cause: first}}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: c, image: 'nginx:1'}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: ds}
spec:
  selector: {matchLabels: {app: ds}}
  template:
    metadata: {labels: {app: ds}}
    spec: {containers: [{name: c, image: 'nginx:1'}]}
`;
