"""python3 -m unittest: a test of what kubectl does, over `skiff test-server`. Any language can do the same."""

import json
import subprocess
import unittest


class Cluster:
    """A cluster for a test. It ends when its standard input closes, so also when this process dies."""

    def __init__(self, *flags):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(["npx", "skiff", "test-server", *flags], **pipes)
        self.ready = json.loads(self.process.stdout.readline())

    def call(self, name, *arguments):
        """What `cluster.pods` and `cluster.faults` offer in JavaScript."""
        self.process.stdin.write(json.dumps({"call": name, "with": arguments}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]

    def kubectl(self, *arguments, stdin=None):
        command = ["kubectl", "--kubeconfig", self.ready["kubeconfig"], *arguments]
        return subprocess.run(command, input=stdin, check=True, capture_output=True, text=True).stdout

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: main, image: "web:1" }] }
"""


class RollOut(unittest.TestCase):
    def setUp(self):
        self.cluster = Cluster("--nodes", "2")
        self.addCleanup(self.cluster.close)
        self.cluster.kubectl("apply", "-f", "-", stdin=WEB)
        self.cluster.kubectl("rollout", "status", "deployment/web", "--timeout=20s")

    def test_a_new_image_replaces_all_pods(self):
        self.cluster.kubectl("set", "image", "deployment/web", "main=web:2")
        self.cluster.kubectl("rollout", "status", "deployment/web", "--timeout=20s")
        self.cluster.kubectl("wait", "pod", "-l", "app=web", "--for=condition=Ready", "--timeout=20s")
        images = self.cluster.kubectl("get", "replicasets", "-o", "wide", "--no-headers")
        self.assertRegex(images, r"web-\w+ +2 +2 +2 .* web:2 ")

    def test_pods_that_fail_hold_it_up(self):
        self.cluster.call("pods.keepUnready", {"labels": {"app": "web"}})
        self.cluster.kubectl("set", "image", "deployment/web", "main=web:broken")
        with self.assertRaises(subprocess.CalledProcessError):
            self.cluster.kubectl("rollout", "status", "deployment/web", "--timeout=1s")


if __name__ == "__main__":
    unittest.main()
