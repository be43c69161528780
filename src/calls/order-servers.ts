type Weighted = { readonly priority: number; readonly weight: number };

/** Servers in the order in which SRV wants them tried (RFC 2782): by priority, then drawn by weight. */
export function orderServers<Server extends Weighted>(servers: readonly Server[], random: () => number): Server[] {
  if (servers.length < 2) return [...servers];
  const ordered: Server[] = [];
  const priorities = [...new Set(servers.map(({ priority }) => priority))].sort((a, b) => a - b);
  for (const priority of priorities) {
    // Those without weight stand first, so that they have a small chance too.
    const left = servers.filter((server) => server.priority === priority).sort((a, b) => a.weight - b.weight);
    while (left.length > 0) {
      const total = left.reduce((sum, { weight }) => sum + weight, 0);
      const drawn = Math.floor(random() * (total + 1));
      let sum = 0;
      const at = left.findIndex(({ weight }) => {
        sum += weight;
        return sum >= drawn;
      });
      ordered.push(...left.splice(Math.max(at, 0), 1));
    }
  }
  return ordered;
}
