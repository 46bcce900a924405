package FaultProvider;

# FaultProvider - an HTTP gateway for tests, which takes SMS, or does whatever goes wrong
#
#   my $gw = FaultProvider->new(faults => { '+15551230001' => { status => 502 }, … });
#   $gw->url;                  # "http://127.0.0.1:PORT"
#   $gw->requests;             # what arrived, in order: { n, ref, to, text, method, path, query, head, body, fault }
#   $gw->by_ref;               # { reference => number of requests }
#   $gw->down;                 # also at the end of the test
#
# A request is JSON, a form, or has its values in the query; `to` (with or without '+') and `ref` are looked for in it. What is
# done is told by its number in `faults`, else by `default`, else it is answered with 200 and {"id":"ID"}, ID being "id-REF".
# A fault is a hash of:
#   status, body, head         the answer ('ID' in the body stands for the id); head is a list of lines
#   raw                        these bytes instead
#   hang                       'before' the answer, or 'inside' of it (after half of the body): nothing more comes
#   drip                       one byte a second
#   size                       a body of so many bytes
#   drop                       the connection ends without an answer
#   close                      ends after the answer, which has not said so
#   delay                      seconds before the answer
#   times                      only the first so many requests for this reference; then as if there was no fault
# The gateway is a process of its own that holds any number of connections at once, and outlives what it talks to.
use strict;
use warnings;
use Errno qw(EAGAIN EWOULDBLOCK EINTR);
use Fcntl qw(F_GETFL F_SETFL O_NONBLOCK);
use File::Temp qw(tempfile);
use IO::Select;
use IO::Socket::INET;
use JSON::PP ();
use POSIX ();
use Time::HiRes qw(time);

my $json = JSON::PP->new->utf8->canonical;

sub new
{
	my ($class, %opt) = @_;
	my $listener = IO::Socket::INET->new(Listen => 1024, LocalAddr => '127.0.0.1', LocalPort => 0, ReuseAddr => 1) or die "no listener: $!";
	my ($log, $name) = tempfile('/tmp/tandem-gateway.XXXXXX');
	my $self = bless { port => $listener->sockport, log => $name, pid => $$, faults => $opt{faults} || {}, default => $opt{default} }, $class;
	my $child = fork // die "fork: $!";
	if (!$child) {
		$SIG{TERM} = 'DEFAULT';
		$SIG{PIPE} = 'IGNORE';
		$log->autoflush(1);
		eval { $self->serve($listener, $log) };
		print STDERR "gateway: $@" if $@;
		POSIX::_exit(1);
	}
	$self->{child} = $child;
	return $self;
}

sub port { $_[0]{port} }
sub url { "http://127.0.0.1:$_[0]{port}" }

sub down
{
	my ($self) = @_;
	return if !$self->{child} || $self->{pid} != $$;
	kill 'KILL', $self->{child};
	waitpid $self->{child}, 0;
	unlink $self->{log};
	$self->{child} = 0;
}

sub DESTROY { my ($self) = @_; local ($?, $@); $self->down }

sub requests
{
	my ($self) = @_;
	open my $fh, '<', $self->{log} or return;
	return map { $json->decode($_) } grep { /\n\z/ } <$fh>;
}

sub by_ref { my ($self) = @_; my %n; $n{ $_->{ref} }++ for $self->requests; return \%n }
sub to { my ($self, $number) = @_; return grep { $_->{to} eq $number } $self->requests }

# ---- the process ----

sub serve
{
	my ($self, $listener, $log) = @_;
	$listener->blocking(0);
	my (%conns, %seen);
	while (1) {
		my $now = time;
		my ($read, $write) = (IO::Select->new($listener), IO::Select->new);
		my $wait = 60;
		for my $c (values %conns) {
			$read->add($c->{socket});
			if (!length $c->{out} && @{ $c->{steps} }) {
				my $left = $c->{at} - $now;
				if ($left <= 0) { step($c, $now) } else { $wait = $left if $left < $wait }
			}
			$wait = 0 if $c->{end} || !length $c->{out} && @{ $c->{steps} } && $c->{at} <= $now;
			$write->add($c->{socket}) if length $c->{out};
		}
		my ($can_read, $can_write) = IO::Select->select($read, $write, undef, $wait);
		for my $socket (@{ $can_write || [] }) {
			my $c = $conns{$socket} or next;
			my $n = syswrite $socket, $c->{out}, 65536;
			if (defined $n) { substr $c->{out}, 0, $n, '' } elsif (!again()) { $c->{end} = 1 }
		}
		for my $socket (@{ $can_read || [] }) {
			if ($socket == $listener) {
				while (my $new = $listener->accept) {
					$new->blocking(0);
					$conns{$new} = { socket => $new, in => '', out => '', steps => [], at => 0 };
				}
				next;
			}
			my $c = $conns{$socket} or next;
			my $n = sysread $socket, $c->{in}, 65536, length $c->{in};
			if (!defined $n) { $c->{end} = 1 if !again(); next }
			$c->{end} = 1 if $n == 0;
			while (my $request = take_request($c)) {
				$request->{n} = ++$seen{ $request->{ref} };
				my $fault = $self->fault_of($request);
				$request->{fault} = join ',', sort keys %$fault;
				print $log $json->encode($request), "\n";
				my @steps = answer($request, $fault);
				$c->{at} = time + $steps[0][0] if !@{ $c->{steps} };
				push @{ $c->{steps} }, @steps;
			}
		}
		for my $key (keys %conns) {
			delete $conns{$key} if $conns{$key}{end} && !length $conns{$key}{out};
		}
	}
}

sub again { return $! == EAGAIN || $! == EWOULDBLOCK || $! == EINTR }

# The next step of a connection's answers: [wait, bytes], or [wait, undef] for its end.
sub step
{
	my ($c, $now) = @_;
	my $step = shift @{ $c->{steps} };
	if (!defined $step->[1]) { $c->{end} = 1; return }
	$c->{out} .= $step->[1];
	$c->{at} = $now + $c->{steps}[0][0] if @{ $c->{steps} };
}

sub take_request
{
	my ($c) = @_;
	return if $c->{in} !~ /\A(.*?)\r\n\r\n/s;
	my $head = $1;
	my ($length) = $head =~ /^content-length:\s*(\d+)/mi;
	$length //= 0;
	return if length($c->{in}) < length($head) + 4 + $length;
	my $body = substr $c->{in}, length($head) + 4, $length;
	substr $c->{in}, 0, length($head) + 4 + $length, '';
	my ($method, $path, $query) = $head =~ m{\A(\S+) ([^ ?]*)(?:\?(\S*))? };
	my %v = $body =~ /\A\s*\{/ ? %{ flat(eval { $json->decode($body) } || {}) } : form($body);
	%v = (form($query // ''), %v);
	my $to = $v{to} // '';
	$to = "+$to" if $to =~ /\A\d/;
	return { method => $method, path => $path, query => $query // '', head => $head, body => $body, to => $to, text => $v{text} // '',
		ref => $v{ref} // $v{reference} // $v{messageId} // '' };
}

# All members of a document, however deep, by their names.
sub flat
{
	my ($value, $into) = @_;
	$into ||= {};
	if (ref $value eq 'HASH') {
		for (sort keys %$value) { ref $value->{$_} ? flat($value->{$_}, $into) : ($into->{$_} = $value->{$_}) }
	} elsif (ref $value eq 'ARRAY') {
		flat($_, $into) for @$value;
	}
	return $into;
}

sub form
{
	my ($text) = @_;
	my %v;
	for (split /&/, $text) {
		my ($k, $v) = split /=/, $_, 2;
		for ($k, $v) { $_ //= ''; tr/+/ /; s/%([0-9A-Fa-f]{2})/chr hex $1/ge }
		$v{$k} = $v;
	}
	return %v;
}

sub fault_of
{
	my ($self, $request) = @_;
	my $fault = $self->{faults}{ $request->{to} } || $self->{default} || {};
	return {} if $fault->{times} && $request->{n} > $fault->{times};
	return $fault;
}

# What is said to a request, as steps.
sub answer
{
	my ($request, $f) = @_;
	my $delay = $f->{delay} || 0;
	my $id = "id-$request->{ref}";
	return [$delay, undef] if $f->{drop};
	return [1e9, ''] if ($f->{hang} // '') eq 'before';
	my $body = $f->{body} // qq({"id":"$id"});
	$body =~ s/\bID\b/$id/g;
	$body = 'x' x $f->{size} if $f->{size};
	my $length = length $body;
	my $head = join "\r\n", sprintf('HTTP/1.1 %d Whatever', $f->{status} || 200), 'Content-Type: application/json', "Content-Length: $length",
		@{ $f->{head} || [] }, '', '';
	my $bytes = $f->{raw} // $head . $body;
	return ([$delay, $head . substr($body, 0, $length / 2)], [1e9, '']) if ($f->{hang} // '') eq 'inside';
	return map { [1, $_] } split //, $bytes if $f->{drip};
	return ([$delay, $bytes], $f->{close} || defined $f->{raw} ? [0, undef] : ());
}

1;
