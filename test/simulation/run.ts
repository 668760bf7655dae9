import { simulate } from './simulate.ts';
import { readable } from './history.ts';
const [from, to, level] = process.argv.slice(2);
const t=performance.now(); const c0=process.cpuUsage();
const rules: Record<string, number[]> = {};
let touches=0, facts=0, effects=0; const states: Record<string, number> = {};
for (let seed = Number(from); seed < Number(to); seed++) {
  const run = await simulate(seed, level as 'none');
  touches+=run.touches; facts+=run.history.facts.length;
  for (const i of run.history.ledger) { const s=i.state?.S+':'+i.detail?.S; states[s]=(states[s]??0)+1; }
  for (const v of run.violations) (rules[v.rule] ??= []).push(seed);
  if (Number(to)-Number(from)===1) { console.log(readable(run.history.facts).join('\n')); console.log(run.violations); }
}
const ms=performance.now()-t;
console.log({perCpuSecond: Math.round((Number(to)-Number(from))/(process.cpuUsage(c0).user/1e6)), perSecond: Math.round((Number(to)-Number(from))/ms*1000), touches: touches/(Number(to)-Number(from)), facts: facts/(Number(to)-Number(from))}, states);
for (const [r,s] of Object.entries(rules)) console.log(r, s.length, s.slice(0,5));
