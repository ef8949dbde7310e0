/** What the examples test: a program that somebody else wrote, with the client of skiff. */

const attempts = 5;

/** Gives a Deployment a new image, and resolves when its new Pods are available. Rejects when they don't make progress. */
export async function rollOut(client, { namespace, name, image }) {
  const { metadata } = await setImage(client, { namespace, name, image });
  const watched = { namespace, fieldSelector: `metadata.name=${name}`, resourceVersion: '0' };
  for await (const { object } of client.resource('Deployment').watch(watched)) {
    if (object.status?.observedGeneration < metadata.generation) continue;
    const stuck = object.status?.conditions?.find(({ type, status }) => type === 'Progressing' && status === 'False');
    if (stuck) throw new Error(`${name} is stuck: ${stuck.message}`);
    const { replicas, updatedReplicas, availableReplicas } = object.status ?? {};
    if (
      updatedReplicas === object.spec.replicas &&
      availableReplicas === updatedReplicas &&
      replicas === updatedReplicas
    ) {
      return object;
    }
  }
  throw new Error('the watch ended');
}

/** Others may write the Deployment at the same time: then it is read again. */
async function setImage(client, { namespace, name, image }) {
  const deployments = client.resource('Deployment');
  for (let attempt = 1; ; attempt += 1) {
    const deployment = await deployments.get({ namespace, name });
    deployment.spec.template.spec.containers[0].image = image;
    try {
      return await deployments.update(deployment);
    } catch (error) {
      if (error.reason !== 'Conflict' || attempt === attempts) throw error;
    }
  }
}

/** A Deployment to roll out. */
export function deploymentOf(name, image) {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image }] } };
  return {
    metadata: { namespace: 'default', name },
    spec: { replicas: 2, progressDeadlineSeconds: 2, minReadySeconds: 0, selector: { matchLabels: labels }, template },
  };
}
