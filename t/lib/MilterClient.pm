# MilterClient - the MTA's side of the milter protocol, as Postfix 3.7 speaks it, for tests of tandem-milter
#
#	my $c = MilterClient->new($socket_path);            # negotiates; steps => … offers fewer than Postfix does
#	$c->connect('10.1.2.3');
#	$c->mail('<a@b>', macros => { '{mail_mailer}' => 'smtp' }, args => ['ENVID=x']);
#	my $reply = $c->rcpt('<c@d>');                      # { kind => 'c' } or { kind => 'y', text => '550 5.7.1 …' }
#	$reply = $c->message([ [ 'Subject', ' x' ] ], "body\r\n");   # the same, with edits => [ [ 'delrcpt', '<c@d>' ], … ] in their order
#
# A reply that the milter waived in negotiation is not waited for; one that comes all the same breaks the dialogue and so the test.

package MilterClient;

use strict;
use warnings;
use Carp qw(croak);
use IO::Socket::UNIX;

# Protocol version 6, all actions and all steps Postfix offers.
my ($VERSION, $ACTIONS, $STEPS) = (6, 0x1ff, 0x1fffff);
my %NO_REPLY = (C => 0x1000, M => 0x4000, R => 0x8000, L => 0x80, N => 0x40000, B => 0x80000);
my $SKIP_DATA = 0x200;
my %EDIT = ('+' => 'addrcpt', '2' => 'addrcpt_par', '-' => 'delrcpt', m => 'chgheader', h => 'addheader', i => 'insheader', e => 'chgfrom',
	q => 'quarantine', b => 'replbody');

sub new
{
	my ($class, $path, %o) = @_;
	my $fh = IO::Socket::UNIX->new(Peer => $path) or croak "$path: $!";
	my $self = bless { fh => $fh }, $class;
	$self->send('O', pack('NNN', $VERSION, $ACTIONS, $o{steps} // $STEPS));
	my ($kind, $data) = $self->read();
	croak "no negotiation: $kind" if $kind ne 'O';
	(undef, $self->{actions}, $self->{steps}) = unpack('NNN', $data);
	$data = substr($data, 12);
	while (length($data) > 4) {
		my ($stage, $names) = unpack('N Z*', $data);
		$self->{macros}{$stage} = $names;
		$data = substr($data, 4 + length($names) + 1);
	}
	return $self;
}

sub send
{
	my ($self, $command, $data) = @_;
	$data //= '';
	local $SIG{PIPE} = 'IGNORE';
	syswrite($self->{fh}, pack('N', length($data) + 1) . $command . $data);
}

sub read_bytes
{
	my ($self, $n) = @_;
	my $bytes = '';
	while (length($bytes) < $n) {
		my $got = sysread($self->{fh}, $bytes, $n - length($bytes), length($bytes));
		croak 'the milter has closed the connection' if !$got;
	}
	return $bytes;
}

sub read
{
	my ($self) = @_;
	my $length = unpack('N', $self->read_bytes(4));
	my $packet = $self->read_bytes($length);
	return (substr($packet, 0, 1), substr($packet, 1));
}

sub reply
{
	my ($self, $command) = @_;
	return { kind => 'c', waived => 1 } if $NO_REPLY{$command} && $self->{steps} & $NO_REPLY{$command};
	my @edits;
	while (1) {
		my ($kind, $data) = $self->read();
		if (my $edit = $EDIT{$kind}) {
			my @args = $kind eq 'm' ? unpack('N Z* Z*', $data) : unpack('(Z*)*', $data);
			push @edits, [ $edit, @args ];
		} elsif ($kind ne 'p') {
			return { kind => $kind, text => unpack('Z*', $data), edits => \@edits };
		}
	}
}

sub macro
{
	my ($self, $stage, %values) = @_;
	$self->send('D', $stage . join('', map { "$_\0$values{$_}\0" } sort keys %values));
}

sub connect
{
	my ($self, $ip) = @_;
	$self->macro('C', '{daemon_name}' => 'smtpd');
	$self->send('C', "client.example\0" . ($ip =~ /:/ ? '6' : '4') . pack('n', 2525) . "$ip\0");
	return $self->reply('C');
}

sub mail
{
	my ($self, $from, %o) = @_;
	$self->macro('M', %{ $o{macros} // { '{mail_mailer}' => 'smtp', '{daemon_name}' => 'smtpd' } });
	$self->send('M', join('', map { "$_\0" } $from, @{ $o{args} // [] }));
	return $self->reply('M');
}

sub rcpt
{
	my ($self, $to, @args) = @_;
	$self->send('R', join('', map { "$_\0" } $to, @args));
	return $self->reply('R');
}

# Headers, body and end; stops at the first final reply. body may be a list of chunks.
sub message
{
	my ($self, $headers, $body) = @_;
	my $reply;
	$self->macro('L', i => '4XyZ');
	for my $h (@$headers) {
		$self->send('L', "$h->[0]\0$h->[1]\0");
		$reply = $self->reply('L');
		return $reply if $reply->{kind} ne 'c';
	}
	$self->macro('N', i => '4XyZ');
	$self->send('N');
	$reply = $self->reply('N');
	return { %$reply, at => 'eoh' } if $reply->{kind} ne 'c';
	for my $chunk (ref $body ? @$body : $body) {
		$self->{body_sent}++;
		$self->send('B', $chunk);
		$reply = $self->reply('B');
		last if $reply->{kind} eq 's';
		return $reply if $reply->{kind} ne 'c';
	}
	$self->macro('E', i => '4XyZ');
	$self->send('E');
	return { %{ $self->reply('E') }, at => 'eom' };
}

sub abort { my ($self) = @_; $self->send('A') }
sub close { my ($self) = @_; $self->send('Q'); CORE::close($self->{fh}) }

1;
