package Sandbox;

# Sandbox - a private Tandem for a test: brought up by scripts/sandbox, spoken to by SMTP and files, ended with the test
#
#   my $box = Sandbox->up(conf => 'policy = { after_stop = true; };');
#   Sandbox->up(transport => 'lmtp')                        # as SANDBOX_TRANSPORT=lmtp for all
#   my $smtp = $box->smtp;                                  # a dialogue; see package Dialogue below
#   my @r = $smtp->mail(from => …, to => […], head => {…}, body => …);   # reply code and text of the first refusal, or of end of data
#   is_deeply [$box->sms], […];                             # what the provider was given
use strict;
use warnings;
use Cwd qw(abs_path);
use Encode ();
use File::Basename qw(dirname);
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use JSON::PP ();
use Time::HiRes qw(sleep time);

# a peer that is killed in mid-dialogue is a lost connection, not the end of the test
$SIG{PIPE} = 'IGNORE';

my $root = abs_path(dirname(__FILE__) . '/../..');
my $unique = 0;

sub root { $root }

sub up
{
	my ($class, %opt) = @_;
	plan_skip('must run as root: a private Postfix needs it') if $> != 0;
	plan_skip('postfix is not installed (try: scripts/bootstrap --test)') if system('command -v postfix >/dev/null 2>&1');
	# not CLEANUP: Postfix's files must go after Postfix
	my $dir = tempdir('/tmp/tandem-test.XXXXXX');
	my $self = bless { dir => $dir, pid => $$ }, $class;
	my @args = @{ $opt{args} || [] };
	$self->{transport} = $opt{transport} || $ENV{SANDBOX_TRANSPORT} || 'pipe';
	push @args, '--transport', $self->{transport};
	push @args, '--conf', open_hours($dir);
	if (defined $opt{conf}) {
		open my $fh, '>', "$dir/fragment.conf" or die "$dir/fragment.conf: $!";
		print $fh $opt{conf};
		close $fh;
		push @args, '--conf', "$dir/fragment.conf";
	}
	$self->{args} = \@args;
	$opt{prepare}->($dir) if $opt{prepare};
	$self->run('up') or do { $self->show_logs; die "the sandbox did not come up\n" };
	$self->read_env;
	return $self;
}

# Open at all hours, or a test would fail at night. The fragment of the test comes after this one and may say otherwise.
sub open_hours
{
	my ($dir) = @_;
	my %files = ("$dir/hours.csv" => "region,days,open,close,classes,holidays,source,reviewed\n*,,00:00,24:00,,,,\n",
		"$dir/hours.conf" => "quiet_hours = { file = \"$dir/hours.csv\"; };\n");
	for my $file (keys %files) {
		open my $fh, '>', $file or die "$file: $!";
		print $fh $files{$file};
		close $fh;
	}
	return "$dir/hours.conf";
}

sub plan_skip
{
	print "1..0 # SKIP $_[0]\n";
	exit 0;
}

sub run
{
	my ($self, $verb, @more) = @_;
	return system("$root/scripts/sandbox", $verb, @more, $self->{dir}, $verb eq 'up' ? @{ $self->{args} } : ()) == 0;
}

sub read_env
{
	my ($self) = @_;
	open my $fh, '<', "$self->{dir}/env" or die "$self->{dir}/env: $!";
	while (<$fh>) {
		$self->{env}{$1} = $2 if /^(\w+)='(.*)'$/;
	}
	close $fh;
}

# Lines of Postfix that say a token was delivered, with these words of ours.
sub deliveries
{
	my ($self, $words) = @_;
	my $said = $self->{transport} eq 'lmtp' ? qr/250 $words/ : qr/delivered via sms service \($words\)/;
	return scalar(() = $self->log_text =~ /to=<t-\S+>.*status=sent \($said\)/g);
}
sub transport { $_[0]{transport} }

sub env { $_[0]{env}{ $_[1] } // die "no $_[1] in the sandbox's env\n" }
sub dir { $_[0]{dir} }
sub kill { my ($self, $program) = @_; $self->run('kill', $program) }
sub start { my ($self, $program) = @_; $self->run('start', $program) }

sub down
{
	my ($self) = @_;
	return if !$self->{dir};
	if ($ENV{KEEP_SANDBOX}) {
		print "# sandbox kept: $self->{dir}\n";
	} else {
		$self->run('down');
		remove_tree($self->{dir});
	}
	$self->{dir} = undef;
}

sub DESTROY
{
	my ($self) = @_;
	local ($?, $@);
	$self->down if $self->{pid} == $$ && $self->{dir};
}

# The log, for a test that failed.
sub show_logs
{
	my ($self, $lines) = @_;
	$lines ||= 40;
	print map { "# $_" } `tail -n $lines $self->{dir}/log/mail.log $self->{dir}/log/*.err 2>&1`;
}

sub log_text { my ($self) = @_; slurp($self->env('MAILLOG')) }

sub slurp
{
	my ($file) = @_;
	open my $fh, '<:raw', $file or return '';
	local $/;
	my $text = <$fh>;
	return $text // '';
}

# Until the code returns something true, 30 s at most (tests assert on what is there, never on how long it took).
sub wait_for
{
	my ($self, $code, $seconds) = @_;
	my $end = time + ($seconds || 30);
	while (1) {
		my $got = $code->();
		return $got if $got;
		return $got if time > $end;
		sleep 0.05;
	}
}

# What the provider was given, as a list of hashes with text decoded.
sub sms
{
	my ($self) = @_;
	return map { JSON::PP->new->utf8->decode($_) } grep { /\S/ } split /\n/, slurp($self->env('SMS_OUT'));
}
sub sms_to { my ($self, $number) = @_; return grep { $_->{to} eq $number } $self->sms }
sub wait_sms
{
	my ($self, $count, $number) = @_;
	my $get = sub { my @s = defined $number ? $self->sms_to($number) : $self->sms; return \@s };
	$self->wait_for(sub { @{ $get->() } >= $count });
	return @{ $get->() };
}

# An inbound SMS or a receipt, as a line of the provider's incoming file.
sub inbound
{
	my ($self, %line) = @_;
	open my $fh, '>>', $self->env('SMS_IN') or die $!;
	print $fh JSON::PP->new->utf8->canonical->encode(\%line), "\n";
	close $fh;
}

# Mails delivered, as raw text, those that contain all of the patterns.
sub mails
{
	my ($self, @patterns) = @_;
	my $dir = $self->env('MAILDIR');
	opendir my $dh, $dir or return;
	my @found;
	for my $name (sort readdir $dh) {
		next if $name =~ /^\./;
		my $text = slurp("$dir/$name");
		push @found, $text if !grep { $text !~ $_ } @patterns;
	}
	return @found;
}
sub wait_mails
{
	my ($self, $count, @patterns) = @_;
	$self->wait_for(sub { scalar(@{ [$self->mails(@patterns)] }) >= $count });
	return $self->mails(@patterns);
}

# The operator's command; returns (exit status, stdout, stderr).
sub tandem
{
	my ($self, @args) = @_;
	my $base = "$self->{dir}/cmd.$$";
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		open STDOUT, '>', "$base.out";
		open STDERR, '>', "$base.err";
		open STDIN, '<', $self->{stdin} // '/dev/null';
		exec $self->env('BIN') . '/tandem', '-c', $self->env('CONF'), @args or exit 127;
	}
	waitpid $pid, 0;
	my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
	return ($status, slurp("$base.out"), slurp("$base.err"));
}
# The same with --json: the documents it printed.
sub tandem_json
{
	my ($self, @args) = @_;
	my ($status, $out, $err) = $self->tandem('--json', @args);
	return map { JSON::PP->new->utf8->allow_nonref->decode($_) } grep { /\S/ } split /\n/, $out;
}

# Nothing left in Postfix's queue.
sub queue_empty
{
	my ($self) = @_;
	return `postqueue -c @{[$self->env('QUEUE')]} -p 2>/dev/null` =~ /queue is empty/;
}
sub flush { my ($self) = @_; system('postqueue', '-c', $self->env('QUEUE'), '-f') }
sub wait_queue_empty { my ($self, $s) = @_; return $self->wait_for(sub { $self->queue_empty }, $s || 60) }

sub smtp { my ($self, $which) = @_; return Dialogue->new($self->env($which || 'SMTP')) }
# One mail over one connection; returns the last reply's text ("250 2.0.0 Ok: queued as …" or the refusal).
sub mail
{
	my ($self, %mail) = @_;
	my $smtp = $self->smtp($mail{listener});
	my $reply = $smtp->mail(%mail);
	$smtp->quit;
	return $reply;
}

sub unique { return sprintf '%s.%d.%d', time, $$, ++$unique }

package Dialogue;

# One SMTP connection, byte for byte what we say.
use strict;
use warnings;

sub new
{
	my ($class, $address) = @_;
	my $socket = IO::Socket::INET->new(PeerAddr => $address, Timeout => 20) or die "$address: $@";
	binmode $socket;
	my $self = bless { socket => $socket }, $class;
	$self->{greeting} = $self->reply;
	$self->say('EHLO client.example.com');
	return $self;
}

# A whole reply, lines joined by newline; '' when the connection is gone.
sub reply
{
	my ($self) = @_;
	my @lines;
	my $socket = $self->{socket};
	local $SIG{ALRM} = sub { die "no SMTP reply within 60 s\n" };
	alarm 60;
	while (my $line = <$socket>) {
		$line =~ s/\r?\n\z//;
		push @lines, $line;
		last if $line =~ /^\d{3}(?: |\z)/;
	}
	alarm 0;
	return join "\n", @lines;
}

sub raw { my ($self, $bytes) = @_; print { $self->{socket} } $bytes; $self->{socket}->flush }
sub say
{
	my ($self, $line) = @_;
	$self->raw("$line\r\n");
	return $self->reply;
}

# Headers and body as they go over the wire, dots stuffed.
sub message
{
	my ($self, %mail) = @_;
	my @head = ref $mail{head} eq 'ARRAY' ? @{ $mail{head} } : map { ($_, $mail{head}{$_}) } sort keys %{ $mail{head} || {} };
	my $text = '';
	my %given = map { lc $_ => 1 } @head[ grep { $_ % 2 == 0 } 0 .. $#head ];
	$text .= "From: shop\@example.com\r\n" if !$given{from};
	$text .= "Subject: test\r\n" if !$given{subject} && !exists $mail{subject};
	$text .= "Message-ID: <" . Sandbox::unique() . "\@test.example.com>\r\n" if !$given{'message-id'};
	for (my $i = 0; $i < @head; $i += 2) {
		$text .= "$head[$i]: $head[$i + 1]\r\n";
	}
	my $body = $mail{body} // "Hello.\n";
	$body =~ s/\r?\n/\r\n/g;
	$text .= "\r\n$body";
	$text =~ s/^\./../mg;
	$text .= "\r\n" if $text !~ /\r\n\z/;
	return $text;
}

# MAIL, RCPT …, DATA. Returns the reply to end of data, or the first one that stops the mail. With all_rcpt => 1 refused recipients do
# not stop it; their replies are in $smtp->{rcpt}.
sub mail
{
	my ($self, %mail) = @_;
	my $from = $mail{from} // 'shop@example.com';
	my $reply = $self->say("MAIL FROM:<$from>" . ($mail{mail_args} ? " $mail{mail_args}" : ''));
	return $reply if $reply !~ /^250/;
	my @to = ref $mail{to} ? @{ $mail{to} } : ($mail{to} // 'ana@example.net');
	my $accepted = 0;
	$self->{rcpt} = [];
	for my $to (@to) {
		$reply = $self->say("RCPT TO:<$to>" . ($mail{rcpt_args} ? " $mail{rcpt_args}" : ''));
		push @{ $self->{rcpt} }, $reply;
		$accepted++ if $reply =~ /^250/;
		next if $reply =~ /^250/ || $mail{all_rcpt};
		$self->say('RSET');
		return $reply;
	}
	if (!$accepted) {
		$self->say('RSET');
		return $reply;
	}
	$reply = $self->say('DATA');
	return $reply if $reply !~ /^354/;
	$self->raw($self->message(%mail) . ".\r\n");
	return $self->reply;
}

sub quit { my ($self) = @_; $self->say('QUIT'); close $self->{socket} }

1;
