# Send packets as bytes, through a raw socket: raw.pl FAMILY PROTOCOL DEVICE SOCKADDR PACKET [SECONDS]
# FAMILY 4 or 6; DEVICE to send from or `-`; SOCKADDR and PACKET in hex. With SECONDS, what comes in meanwhile is printed,
# one packet a line in hex, from the IPv4 header on. IPv6 packets leave with hop limit 255 (RFC 4861 §6.1.2 asks for it).
my ($family, $protocol, $device, $sockaddr, $packet, $seconds) = @ARGV;
socket(my $socket, $family == 6 ? 10 : 2, 3, $protocol) or die "socket: $!";
# SOL_SOCKET, SO_BINDTODEVICE
setsockopt($socket, 1, 25, "$device\0") or die "device: $!" if $device ne '-';
# IPPROTO_IPV6, IPV6_MULTICAST_HOPS
setsockopt($socket, 41, 18, pack('i', 255)) if $family == 6;
my $sent = send($socket, pack('H*', $packet), 0, pack('H*', $sockaddr));
# what the router's own firewall refuses is an answer, too
print STDERR "send: $!\n" if !defined $sent && $seconds;
my $end = time + ($seconds || 0);
while ((my $left = $end - time) > 0) {
	vec(my $ready = '', fileno($socket), 1) = 1;
	last if !select($ready, undef, undef, $left);
	recv($socket, my $got, 65536, 0);
	print unpack('H*', $got), "\n";
}
