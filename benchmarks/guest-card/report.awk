# SPDX-License-Identifier: Apache-2.0
# Reports medians of the samples of `run`, and says which goals are met.

function median(key,    i, j, n, value, sorted) {
  n = count[key]
  if (n == 0) return -1
  for (i = 1; i <= n; i++) {
    value = samples[key, i]
    for (j = i - 1; j > 0 && sorted[j] > value; j--) sorted[j + 1] = sorted[j]
    sorted[j + 1] = value
  }
  return n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
}

function add(key, value) { samples[key, ++count[key]] = value }

function goal(name, value, target) {
  if (value < 0) printf "goal %s not measured <=%s fail\n", name, target
  else printf "goal %s %.3f <=%s %s\n", name, value, target, value <= target ? "pass" : "fail"
}

!($1 in seen) { seen[$1] = 1; cards[++kinds] = $1 }
$2 == "rtt" { add($1 " rtt", $3); next }
{
  add($1 " " $2 " rate", $3)
  add($1 " " $2 " qemu", $4)
  add($1 " " $2 " java", $5)
  add($1 " " $2 " all", $4 + $5)
}

END {
  print "card    direction   Mbit/s  CPU s/GB  (QEMU   Java)   RTT p50 us"
  for (i = 1; i <= kinds; i++) {
    card = cards[i]
    for (d = 1; d <= 2; d++) {
      key = card " " (d == 1 ? "to-guest" : "from-guest")
      printf "%-7s %-10s %7.0f %9.2f  (%5.2f %6.2f)  %9.0f\n", card, substr(key, length(card) + 2),
        median(key " rate"), median(key " all"), median(key " qemu"), median(key " java"), median(card " rtt")
    }
    both[card] = median(card " to-guest all") + median(card " from-guest all")
    java[card] = (median(card " to-guest java") + median(card " from-guest java")) / 2
  }
  goal("vhost-user-cpu-per-gb-of-udp-card", both["udp"] > 0 && both["vhost"] > 0 ? both["vhost"] / both["udp"] : -1, 0.45)
  goal("vhost-user-java-cpu-seconds-per-gb", "vhost" in java ? java["vhost"] : -1, 1.0)
}
