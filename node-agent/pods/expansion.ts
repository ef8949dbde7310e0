/**
 * Replaces `$(NAME)` by a variable's value; `$$` stands for `$`, and a name that nothing is known of stays as it is
 * (Kubernetes: "Define Dependent Environment Variables").
 */
export function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^()]*)\)/g, (found, name: string | undefined) =>
    found === '$$' ? '$' : name !== undefined && Object.hasOwn(variables, name) ? (variables[name] ?? '') : found,
  );
}
