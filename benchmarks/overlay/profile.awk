# SPDX-License-Identifier: Apache-2.0
# Turns profiles of one metric into tables: processor seconds by place, one column a network, and the
# dearest functions of each. Input: the files that `profile` wrote, one after the other; -v per= says
# what the seconds are divided by.

function place_of_kernel(chain) {
  if (chain ~ /tun_chr_read_iter/) return "2 kernel: TAP read"
  if (chain ~ /tun_chr_write_iter/) return "3 kernel: TAP write, and the TCP behind it"
  if (chain ~ /_sys_sendm?msg|_sys_sendto/) return "0 kernel: UDP send, and the wire's other side"
  if (chain ~ /_sys_recvm?msg|_sys_recvfrom/) return "1 kernel: UDP receive"
  if (chain ~ /_sys_(poll|ppoll|futex|epoll|nanosleep)|schedule|_sys_sched_yield/) return "4 kernel: waiting and waking"
  return "5 kernel: other"
}

function place(leaf, dso, chain, thread) {
  if (dso ~ /kernel|vmlinux|\.ko/) return place_of_kernel(chain)
  if (thread ~ /^C[12] Compiler/) return "8 runtime: compiling Java"
  if (dso ~ /wireguard-go/) return "7 own code (Go: with cipher and runtime)"
  if (dso ~ /libcrypto/ || leaf ~ /galoisCounterMode|ghash|GHASH|aes|AES|chacha|ChaCha|poly1305|Poly1305|GaloisCounter/) return "6 cipher"
  if (dso ~ /perf-[0-9]+\.map|\[JIT\]|anon|memfd/) return "7 own code (Go: with cipher and runtime)"
  if (dso ~ /libjvm/) return "9 runtime: the rest of the JVM"
  return "a libc and other"
}

# Java's functions without packages, arguments and results.
function named(leaf, dso) {
  if (dso !~ /perf-[0-9]+\.map/) return leaf " (" short(dso) ")"
  sub(/ *\(.*/, "", leaf)
  sub(/^.* /, "", leaf)
  sub(/^.*\.[a-z][A-Za-z]*\./, "", leaf)
  return leaf " (Java)"
}

function finish() {
  if (!open) return
  open = 0
  if (!(pid in kind)) return
  if (kind[pid] == "iperf") where = "b iperf3 or ping, both ends"
  else where = place(leaf, dso, chain, thread)
  count[network, where]++
  all[network]++
  places[where] = 1
  if (kind[pid] == "network") {
    if (chain_kernel && leaf ~ /copy|memcpy|rep_movs|memmove|clear_page|csum_partial/) copied[network]++
    if (thread !~ /^C[12] Compiler/) function_of[network SUBSEP named(leaf, dso)]++
  }
}

function short(name) { sub(/.*\//, "", name); sub(/\)$/, "", name); return name }

$1 == "amount" && NF <= 3 {
  finish()
  delete kind
  network = $2
  came[network] += $3
  if (!(network in seen)) { seen[network] = 1; names[++networks] = network }
  next
}
$1 == "rate" && NF == 2 { hertz = $2; next }
$1 == "pid" && NF == 3 { kind[$2] = $3; next }
/^[^ \t].* [0-9]+ *$/ {
  finish()
  pid = $NF
  thread = $0
  # iperf's client is a new process each time, as is ping.
  if ($1 ~ /^(iperf3|ping)/ && !(pid in kind)) kind[pid] = "iperf"
  open = begun = 1
  leaf = "[unknown]"
  dso = chain = ""
  chain_kernel = 0
  next
}
/^[ \t]+[0-9a-f]+ / {
  symbol = $0
  sub(/^[ \t]+[0-9a-f]+ /, "", symbol)
  object = symbol
  sub(/ \([^()]*\)$/, "", symbol)
  sub(/^.* \(/, "", object)
  if (begun) { leaf = symbol; dso = object; begun = 0; chain_kernel = object ~ /kernel/ }
  chain = chain " " symbol
  next
}

END {
  finish()
  order = "0123456789ab"
  printf "\nprocessor seconds per %s, both ends:\n  %-46s", per, ""
  for (n = 1; n <= networks; n++) printf " %12s", names[n]
  print ""
  for (o = 1; o <= length(order); o++)
    for (where in places) {
      if (substr(where, 1, 1) != substr(order, o, 1)) continue
      printf "  %-46s", substr(where, 3)
      for (n = 1; n <= networks; n++) cell(count[names[n], where], names[n])
      print ""
    }
  printf "  %-46s", "all"
  for (n = 1; n <= networks; n++) cell(all[names[n]], names[n])
  printf "\n  %-46s", "of it the kernel copying, for the tunnel"
  for (n = 1; n <= networks; n++) cell(copied[names[n]], names[n])
  printf "\n\nthe dearest functions of the tunnel's processes, in percent of all:\n"
  for (n = 1; n <= networks; n++) dearest(names[n])
}

function cell(samples, who) {
  if (came[who] > 0) printf " %6.2f %4.0f%%", samples / hertz / came[who], 100 * samples / all[who]
  else printf " %12s", "-"
}

function dearest(who,  i, best, key, part) {
  printf "  %s\n", who
  for (i = 0; i < 16; i++) {
    best = ""
    for (key in function_of) {
      split(key, part, SUBSEP)
      if (part[1] == who && (best == "" || function_of[key] > function_of[best])) best = key
    }
    if (best == "") return
    split(best, part, SUBSEP)
    printf "    %5.1f  %s\n", 100 * function_of[best] / all[who], part[2]
    delete function_of[best]
  }
}
