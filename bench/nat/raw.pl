# Packets that Node.js cannot send. One JSON line is the result.
#   raw.pl echo HOST COUNT    as many echo requests, each with an id of its own: {"answered": N}
#   raw.pl protocols HOST     one packet each of ten protocols without ports, or whose ports NAT leaves alone
use strict;
use warnings;
use Socket;

my ($what, $host, $count) = @ARGV;
my $to = sockaddr_in(0, inet_aton($host));

sub checksum {
    my $sum = 0;
    $sum += $_ for unpack('n*', $_[0]);
    $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
    return ~$sum & 0xffff;
}

if ($what eq 'echo') {
    socket(my $socket, AF_INET, SOCK_RAW, 1) or die "socket: $!";
    my %answered;
    for my $id (1 .. $count) {
        my $body = pack('CCnnn', 8, 0, 0, $id, 1) . 'mape';
        substr($body, 2, 2) = pack('n', checksum($body));
        send($socket, $body, 0, $to);
        # a socket's buffer holds few answers
        while (1) {
            my $ready = '';
            vec($ready, fileno($socket), 1) = 1;
            last unless select($ready, undef, undef, $id == $count ? 0.5 : 0.002);
            recv($socket, my $packet, 2048, 0);
            my ($type, undef, undef, $echo) = unpack('CCnn', substr($packet, 20));
            $answered{$echo} = 1 if $type == 0;
        }
    }
    printf "{\"answered\": %d}\n", scalar keys %answered;
} else {
    # IGMP, IPIP, 6in4, GRE, ESP, AH, OSPF, SCTP, UDP-Lite, one for experiments
    my @protocols = (2, 4, 41, 47, 50, 51, 89, 132, 136, 253);
    for my $protocol (@protocols) {
        socket(my $socket, AF_INET, SOCK_RAW, $protocol) or die "socket: $!";
        send($socket, pack('nnNN', 4000, 4000, 8, 0) . 'mape', 0, $to) for 1 .. 3;
    }
    printf "{\"sent\": %d}\n", 3 * @protocols;
}
