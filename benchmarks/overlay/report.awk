# SPDX-License-Identifier: Apache-2.0
# Reduces the samples of a run to medians and compares them with the goals.
# Input: round, metric, network, value, unit; separated by tabs.
BEGIN { FS = "\t" }

{
  key = $2 SUBSEP $3
  samples[key] = samples[key] " " $4
  unit[$2] = $5
  if (!($2 in seen_metric)) { seen_metric[$2] = 1; metric[++metrics] = $2 }
  if (!($3 in seen_network)) { seen_network[$3] = 1; network[++networks] = $3 }
}

function median(list,  n, v, i, j, x) {
  n = split(list, v, " ")
  for (i = 2; i <= n; i++) {
    x = v[i] + 0
    for (j = i - 1; j > 0 && v[j] + 0 > x; j--) v[j + 1] = v[j]
    v[j + 1] = x
  }
  low = v[1]
  high = v[n]
  count = n
  return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}

function of(what, who) { return ((what SUBSEP who) in samples) ? median(samples[what SUBSEP who]) : -1 }

# A goal is a ratio of us to another, or for other = "" a value; `most` says which side of it is good.
function goal(name, what, us, other, most, bound,  value, reference, text) {
  value = of(what, us)
  if (split(other, named, "@") == 2) reference = of(named[1], named[2])
  else reference = other == "" ? 1 : of(what, other)
  if (value < 0 || reference <= 0) {
    print "goal", name, "not-measured", (most ? "<=" : ">=") bound, "fail"
    return
  }
  value /= reference
  print "goal", name, sprintf("%.3f", value), (most ? "<=" : ">=") bound,
    ((most ? value <= bound : value >= bound) ? "pass" : "fail")
}

END {
  for (m = 1; m <= metrics; m++) {
    printf "\n%s (%s)\n", metric[m], unit[metric[m]]
    for (n = 1; n <= networks; n++) {
      if (!((metric[m] SUBSEP network[n]) in samples)) continue
      middle = of(metric[m], network[n])
      printf "  %-14s %10.3f  [%.3f %.3f] n=%d\n", network[n], middle, low, high, count
    }
  }
  print ""
  goal("fast-frames-cpu-per-gb", "tcp1-cpu", "us-fast", "wgnew-vxlan", 1, 0.10)
  goal("wireguard-frames-cpu-per-gb", "tcp1-cpu", "us-wg", "wgnew-vxlan", 1, 0.18)
  goal("fast-frames-throughput", "tcp1", "us-fast", "wgnew-vxlan", 0, 8)
  goal("wireguard-frames-throughput", "tcp1", "us-wg", "wgnew-vxlan", 0, 5)
  goal("small-packets", "udp64", "us-fast", "wgnew-vxlan", 0, 1.8)
  goal("round-trip", "rtt-p50", "us-fast", "wgnew-vxlan", 1, 0.5)
  goal("cpu-per-gb-beside-wireguard-alone", "tcp1-cpu", "us-fast", "wgnew", 1, 0.45)
  goal("throughput-beside-tinc", "tcp1", "us-fast", "tinc", 0, 10)
  goal("throughput-beside-n2n", "tcp1", "us-fast", "n2n", 0, 10)
  goal("wireguard-frames-to-fast-frames-cpu", "tcp1-cpu", "us-wg", "us-fast", 0, 1.3)
  goal("first-ping", "cold-ping", "us-fast", "", 1, 2)
  goal("resident-memory", "rss", "us-fast", "", 1, 100)
  # One garbage object of 16 bytes in each superframe of 40 packets would be 0.4.
  goal("allocated-per-packet", "alloc", "us-fast", "", 1, 0.1)
  goal("cold-cpu-in-seconds-2-3-to-warm", "cold-cpu", "us-fast", "tcp1-cpu@us-fast", 1, 1.5)
  goal("four-streams-cpu-per-gb", "tcp4-cpu", "us-fast", "wgnew-vxlan", 1, 0.10)
}
