#!/usr/bin/perl
#
# milter - tandem-milter driven by miltertest (milter.lua) before a store that answers as the test wants (t/tools/fakestore),
# and what happens around it: store away, reload, stop, stale and live sockets, log lines
#
# The programs are found in $TANDEM_BUILD.

use strict;
use warnings;
use File::Temp qw(tempdir);
use IO::Socket::UNIX;
use POSIX qw(:sys_wait_h);
use Test::More;
use lib ($ENV{TANDEM_SRC} // '.') . '/t/lib';
use MilterClient;

# libmilter leaves its own signal thread behind
$ENV{TSAN_OPTIONS} //= 'report_thread_leaks=0:suppressions=' . ($ENV{TANDEM_SRC} // '.') . '/t/lib/tsan.supp';
my $src = $ENV{TANDEM_SRC} // '.';
my $build = $ENV{TANDEM_BUILD} // "$src/build/release";
my $dir = tempdir('tandem-milter-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $sock = "$dir/milter.sock";
my $store_sock = "$dir/stored.milter.sock";
my %running;

my $have = grep { -x "$_/miltertest" } split /:/, $ENV{PATH};
plan skip_all => 'miltertest is not installed (try: scripts/bootstrap --test)' if !$have;

sub write_file { my ($path, $text) = @_; open(my $f, '>', $path) or die "$path: $!"; print $f $text; close($f) or die "$path: $!" }
sub read_file { my ($path) = @_; open(my $f, '<', $path) or return ''; local $/; return <$f> // '' }

# Waits for a condition, at most 20 s.
sub eventually
{
	my ($condition) = @_;
	for (1 .. 400) {
		return 1 if $condition->();
		select(undef, undef, undef, 0.05);
	}
	return 0;
}

sub configure
{
	my ($milter) = @_;
	write_file("$dir/tandem.conf", <<"END");
config_version = 1;
brand = "Example Shop";
sms_domain = "sms.example.com";
home_country = "US";
countries = ["US"];
run_dir = "$dir";
template_dir = "$dir/templates";
return_domain = "r.example.com";
web = { public_url = "https://notify.example.com"; };
log = { target = "file:$dir/log"; };
users = { postfix = "root"; milter = "root"; };
submitters = (
	{ name = "app"; network = ["10.1.0.0/16"]; max_class = "critical"; },
	{ name = "here"; local = true; max_class = "transactional"; } );
categories = ( { name = "offer"; class = "marketing"; } );
milter = { listen = "unix:$sock"; store_wait = "300ms"; $milter };
END
}

sub start
{
	my ($name, $out, @command) = @_;
	my $pid = fork() // die "fork: $!";
	if (!$pid) {
		open(STDOUT, '>>', $out) or die;
		open(STDERR, '>>', "$dir/stderr") or die;
		exec(@command) or POSIX::_exit(127);
	}
	$running{$name} = $pid;
}

# The exit status as $?.
sub stop
{
	my ($name, $signal) = @_;
	my $pid = delete $running{$name} or return undef;
	kill($signal // 'TERM', $pid);
	waitpid($pid, 0);
	return $?;
}

sub start_store { start('store', "$dir/store.out", "$build/t/tools/fakestore", $store_sock); eventually(sub { -S $store_sock }) }
sub is_live { my $s = IO::Socket::UNIX->new(Peer => $sock); return defined $s }
sub start_milter { start('milter', "$dir/milter.out", "$build/bin/tandem-milter", '-c', "$dir/tandem.conf"); eventually(\&is_live) }
sub milter_lives { return waitpid($running{milter}, WNOHANG) == 0 }

# A connection of the trusted client, or of another address, or of sendmail(1).
sub client
{
	my ($ip) = @_;
	my $c = MilterClient->new($sock);
	$c->connect($ip // '10.1.2.3');
	return $c;
}

# One mail of its own connection: recipients, headers as "Name: value", body. The reply to its end.
sub send_mail
{
	my ($rcpts, $headers, $body) = @_;
	my $c = client();
	$c->mail('<shop@example.com>');
	$c->rcpt($_) for @$rcpts;
	my $reply = $c->message([ map { [ split /: /, $_, 2 ] } @$headers ], $body // "The text\r\n");
	$c->close();
	return $reply;
}

# Edits as lines, for comparing.
sub edits { return join("\n", map { join(' ', @$_) } @{ $_[0]{edits} }) }

END {
	my $status = $?;
	kill('KILL', $_) for values %running;
	waitpid($_, 0) for values %running;
	$? = $status;
}

mkdir("$dir/templates");
write_file("$dir/templates/hello.sms", "Hello {{name}}\n");
write_file("$dir/templates/undefined.sms", "Hello {{surname}}\n");
configure('');
ok(start_store(), 'the store answers') or diag(read_file("$dir/stderr"));
ok(start_milter(), 'the milter answers') or BAIL_OUT('tandem-milter does not start: ' . read_file("$dir/stderr") . read_file("$dir/log"));
is(sprintf('%o', (stat($sock))[2] & 07777), '660', 'its socket is for Postfix alone');

# Dialogues
my $output = `miltertest -D SOCK=unix:$sock -s $src/t/integ/milter.lua 2>&1`;
is($?, 0, 'miltertest ends well') or diag($output);
for (split /\n/, $output) {
	if (/^(not )?ok - (.*)/) { ok(!$1, $2) }
	else { diag($_) }
}
ok(milter_lives(), 'the milter lives');

# What was asked and what was logged
my $asked = read_file("$dir/store.out");
like($asked, qr/^prepare submitter=app dests=1 emails=1 class=3 .* text=10 queue=4XyZ envid=abc\+1$/m, 'one question for a mail, ENVID decoded');
like($asked, qr/^prepare submitter=app dests=1 emails=0 .* body=11 /m, 'the text of a direct SMS comes from its body');
like($asked, qr/^prepare submitter=here /m, 'sendmail(1) is the local submitter');
my $log = read_file("$dir/log");
like($log, qr/tandem-milter\[\d+\]: 4XyZ: .*submitter=app, class=transactional, .*job=01JTESTJOB, sms=1, .*status=prepared/, 'a mail is one line');
like($log, qr/NOQUEUE: to=<\+1415\*\*\*0199\@sms\.example\.com>, .*reason=optout, status=refused \(550 5\.7\.1 \+1415\*\*\*0199 opted out of SMS on 2026-11-02/,
	'a refusal at RCPT is logged with its reason');
like($log, qr/status=deferred \(450 4\.7\.1 .* try again at 2026-11-02T/, 'a full budget says when');
like($log, qr/reason=invalid-number, status=refused \(550 5\.1\.3 "123": not a phone number \(want \+COUNTRY NUMBER\)\)/, 'no number');
like($log, qr/reason=blocked-country/, 'a country');
like($log, qr/\(554 5\.7\.1 /, 'the token domain is 554');
like($log, qr/channel=sms, reason=no-number, status=denied/, 'no number on file is logged');
like($log, qr/reason=not-a-submitter, status=stripped/, 'removed headers are logged');
unlike($log, qr/14155550123/, 'numbers are masked');
unlike($log, qr/Your order|Direct text/, 'texts are absent');

# Replies and edits, in their order
my $c = client();
is($c->{macros}{2}, 'i {mail_mailer} {auth_authen} {cert_subject} {cert_issuer} {daemon_name}', 'the macros of MAIL are asked for');
is_deeply([ sort grep { !$c->{macros}{$_} } 0 .. 6 ], [], 'and for no stage the default list');
ok($c->connect('10.1.2.3')->{waived} && $c->mail('<shop@example.com>')->{waived}, 'connect and MAIL are one way');
is($c->rcpt('<123@sms.example.com>')->{text}, '550 5.1.3 "123": not a phone number (want +COUNTRY NUMBER)', 'not a number');
is($c->rcpt('<t-x@tandem.invalid>')->{text}, '554 5.7.1 no mail is accepted for this internal domain', 'the token domain');
is($c->rcpt('<+14155550199@sms.example.com>')->{text}, '550 5.7.1 +1415***0199 opted out of SMS on 2026-11-02 (reply STOP)', 'opted out');
like($c->rcpt('<+14155550198@sms.example.com>')->{text}, qr/^450 4\.7\.1 .*2026-11-02T/, 'a full budget, with the time');
is($c->rcpt('<nobody=example.com@sms.example.com>')->{text}, '550 5.1.1 no number on file for "nobody@example.com"', 'no number on file');
$c->close();

my $reply = send_mail([ '<deny@example.com>', '<+14155550123@sms.example.com>', '<bob@example.com>' ],
	[ 'X-Tandem-Class: transactional', 'X-Tandem-Var: a=1', 'Subject: x', 'x-tandem-var: b=2', 'X-Tandem-Text: 100% yours' ]);
is($reply->{kind}, 'c', 'a mail with edits passes');
is(edits($reply), join("\n", 'delrcpt <deny@example.com>', 'delrcpt <+14155550123@sms.example.com>', 'chgheader 1 X-Tandem-Class ',
	'chgheader 2 X-Tandem-Var ', 'chgheader 1 X-Tandem-Var ', 'chgheader 1 X-Tandem-Text ',
	'addrcpt_par <t-faketoken@tandem.invalid> NOTIFY=NEVER'), 'deletions, our headers from the highest number down, then the token');

sub refused
{
	my ($name, $want, @mail) = @_;
	my $r = send_mail(@mail);
	like($r->{text}, $want, $name);
	is(edits($r), '', "$name: before any edit");
}
refused('a malformed header', qr/^550 5\.6\.0 X-Tandem-Send-At: not a date: "100%% \?tomorrow"$/, ['<ana@example.com>'],
	[ 'X-Tandem-SMS: yes', "X-Tandem-Send-At: 100% \xfftomorrow" ]);
refused('an unknown header', qr/^550 5\.6\.0 X-Tandem-Sms-To: no such header/, ['<ana@example.com>'], ['X-Tandem-Sms-To: x']);
refused('65 headers of ours', qr/^550 5\.6\.0 /, ['<ana@example.com>'], [ map { "X-Tandem-Var: v$_=1" } 1 .. 65 ]);
refused('a text too long', qr/^552 5\.2\.3 /, ['<ana@example.com>'],
	[ 'X-Tandem-SMS: +14155550123', 'X-Tandem-Max-Segments: 1', 'X-Tandem-Text: ' . 'long text ' x 20 ]);
refused('no text', qr/^550 5\.6\.0 /, ['<+14155550123@sms.example.com>'], [], "\r\n");
refused('a template with an undefined variable', qr/^550 5\.6\.0 .*surname/, ['<ana@example.com>'],
	[ 'X-Tandem-SMS: yes', 'X-Tandem-Template: undefined' ]);
refused('a key used for something else', qr/^550 5\.7\.0 /, ['<ana@example.com>'], ['X-Tandem-Key: conflict']);
refused('an automatic reply', qr/^550 5\.7\.1 /, ['<+14155550123@sms.example.com>'], ['Auto-Submitted: auto-replied']);
refused('all recipients denied', qr/^550 5\.7\.1 .*opted out/, ['<deny@example.com>'], ['X-Tandem-Class: transactional']);
refused('a sender id of somebody else', qr/^550 5\.7\.1 X-Tandem-From: submitter app may not send as "Bank"$/, ['<ana@example.com>'],
	['X-Tandem-From: Bank']);
is(send_mail(['<deny@example.com>'], ['X-Tandem-Category: offer'])->{kind}, 'd', 'all denied, marketing: discarded');
is(edits(send_mail([ '<ana@example.com>', '<bob@example.com>' ], [ 'X-Tandem-SMS: no', 'X-Tandem-Text: x' ])),
	"chgheader 1 X-Tandem-SMS \nchgheader 1 X-Tandem-Text ", 'X-Tandem-SMS: no adds nothing');

# An MTA of protocol version 2, to which nothing is one way and no body can be skipped
$c = MilterClient->new($sock, steps => 0x7f);
ok(!$c->connect('10.1.2.3')->{waived} && !$c->mail('<shop@example.com>')->{waived}, 'an old MTA gets every reply it waits for');
is($c->rcpt('<ana@example.com>')->{kind}, 'c', 'a recipient');
$reply = $c->message([ [ 'X-Tandem-SMS', 'yes' ], [ 'X-Tandem-Text', 'x' ] ], [ 'x', 'y', 'z' ]);
like(edits($reply), qr/addrcpt_par/, 'its mail is served too');
is($c->{body_sent}, 3, 'with the whole of its body');
$c->close();

# List-Unsubscribe: the application's go from the last to the first, ours come, all before a token
$reply = send_mail([ '<ana@example.com>' ], [ 'X-Tandem-Category: offer', 'List-Unsubscribe: <https://a.example/1>', 'LIST-unsubscribe: <mailto:a@a.example>',
	'List-Unsubscribe-Post: List-Unsubscribe=One-Click', 'X-Tandem-SMS: +14155550123', 'X-Tandem-Text: x' ]);
is(edits($reply), join("\n", 'chgheader 1 X-Tandem-Category ', 'chgheader 1 X-Tandem-SMS ', 'chgheader 1 X-Tandem-Text ',
	'chgheader 2 List-Unsubscribe ', 'chgheader 1 List-Unsubscribe ',
	"addheader List-Unsubscribe <https://notify.example.com/u/unsubtoken>,\n\t<mailto:u-unsubtoken\@r.example.com>",
	'chgheader 1 List-Unsubscribe-Post ', 'addheader List-Unsubscribe-Post List-Unsubscribe=One-Click',
	'addrcpt_par <t-faketoken@tandem.invalid> NOTIFY=NEVER'), 'a marketing mail gets one List-Unsubscribe, and it is ours');

# The body: no more of it than is needed
$c = client();
$c->mail('<shop@example.com>');
$c->rcpt('<ana@example.com>');
is($c->message([ [ 'X-Tandem-SMS', 'yes' ], [ 'X-Tandem-Text', 'x' ] ], [ ("x" x 65535) x 16 ])->{kind}, 'c', 'a big mail whose text is given');
is($c->{body_sent}, 1, 'is skipped after its first piece');
$c->close();

# Many mails in one connection, one after the other and cut short
$c = client();
for my $n (1 .. 30) {
	$c->mail('<shop@example.com>');
	$c->rcpt('<ana@example.com>');
	if ($n % 3 == 0) { $c->abort(); next }
	$reply = $c->message($n % 3 == 1 ? [ [ 'Subject', 'x' ] ] : [ [ 'X-Tandem-SMS', 'yes' ], [ 'X-Tandem-Text', 'x' ] ], 'x');
	$reply->{at} eq ($n % 3 == 1 ? 'eoh' : 'eom') or fail("mail $n: the mail before has left something");
}
$c->mail('<shop@example.com>');
is(scalar(grep { $_->{kind} eq 'c' } map { $c->rcpt("<user$_\@example.com>") } 1 .. 1000), 1000, '1000 recipients');
$reply = $c->message([ [ 'X-Tandem-SMS', 'yes' ], [ 'X-Tandem-Text', 'x' ] ], 'x');
is(edits($reply) =~ /addrcpt_par/ ? 1 : 0, 1, 'get one token');
like(read_file("$dir/store.out"), qr/dests=1000 emails=1000/, 'by one question');
undef $c; # the connection breaks without a goodbye
ok(milter_lives(), 'the milter lives');

# Eight clients at once, while the configuration is loaded anew
sub loaded { return scalar(() = read_file("$dir/log") =~ /configuration loaded anew/g) }
my @clients;
for my $n (1 .. 8) {
	my $pid = fork() // die "fork: $!";
	if (!$pid) {
		my $good = 0;
		my $own = client();
		for (1 .. 40) {
			$own->mail('<shop@example.com>');
			$own->rcpt("<user$n\@example.com>");
			my $r = $own->message([ [ 'X-Tandem-SMS', 'yes' ], [ 'X-Tandem-Template', 'hello' ] ], 'x');
			$good++ if edits($r) =~ /addrcpt_par <t-faketoken\@tandem\.invalid>/;
		}
		POSIX::_exit($good == 40 ? 0 : 1);
	}
	push @clients, $pid;
}
for my $n (1 .. 5) { kill('USR1', $running{milter}); eventually(sub { loaded() >= $n }) }
is(scalar(grep { waitpid($_, 0); $? == 0 } @clients), 8, 'eight clients at once, all mails with their token');
my $loaded = loaded();

# Store away
stop('store', 'KILL');
$c = client();
$c->mail('<shop@example.com>');
is($c->rcpt('<ana@example.com>')->{kind}, 'c', 'store away: an ordinary recipient');
is($c->message([ [ 'Subject', 'x' ] ], 'x')->{at}, 'eoh', 'ordinary mail passes');
$c->mail('<shop@example.com>');
like($c->rcpt('<+14155550123@sms.example.com>')->{text}, qr/^450 4\.3\.0 /, 'a number is deferred at RCPT');
$c->rcpt('<ana@example.com>');
like($c->message([ [ 'X-Tandem-SMS', 'yes' ], [ 'X-Tandem-Text', 'x' ] ], 'x')->{text}, qr/^451 4\.3\.0 /, 'tagged mail at its end');
$c->close();
like(read_file("$dir/log"), qr/status=deferred \(451 4\.3\.0 .*\[.*stored\.milter\.sock/, 'and the log says what is away');

# Reload: a good one counts for new connections, a bad one changes nothing
sub tagged { return send_mail(['<ana@example.com>'], [ 'X-Tandem-SMS: yes', 'X-Tandem-Text: x' ])->{kind} }
my $old = client();
configure('on_store_down = "pass";');
kill('USR1', $running{milter});
ok(eventually(sub { loaded() == $loaded + 1 }), 'SIGUSR1 loads the configuration');
is(tagged(), 'c', 'and on_store_down = pass holds from then on');
$old->mail('<shop@example.com>');
$old->rcpt('<ana@example.com>');
is($old->message([ [ 'X-Tandem-SMS', 'yes' ], [ 'X-Tandem-Text', 'x' ] ], 'x')->{kind}, 'y', 'not for a connection that began before');
$old->close();
write_file("$dir/tandem.conf", "config_version = 1;\nmilter = { lisen = \"x\"; };\n");
kill('USR1', $running{milter});
ok(eventually(sub { read_file("$dir/log") =~ /lisen/ }), 'a bad configuration is logged');
is(tagged(), 'c', 'and the old one stays');
configure('commit = "eom";');
kill('USR1', $running{milter});
ok(eventually(sub { loaded() == $loaded + 2 }), 'a good one is taken again');

# The store is back
ok(start_store(), 'the store is back');
$reply = send_mail(['<ana@example.com>'], [ 'X-Tandem-SMS: yes', 'X-Tandem-Template: hello' ]);
is(edits($reply), "chgheader 1 X-Tandem-SMS \nchgheader 1 X-Tandem-Template ", 'commit = eom adds no recipient');
like(read_file("$dir/store.out"), qr/activate=1 dry=1 .*\n.*activate=1 dry=0 /, 'a text that needs the person is tried before it is activated');
is(send_mail(['<+14155550123@sms.example.com>'], [])->{kind}, 'd', 'a direct SMS leaves no envelope');

# scope = "all": anybody's recipients are asked for at RCPT, and a store that is away stops none
configure('scope = "all";');
kill('USR1', $running{milter});
ok(eventually(sub { loaded() == $loaded + 3 }), 'scope = "all"');
$c = client('192.0.2.1');
$c->mail('<user@example.net>');
is($c->rcpt('<gone@example.com>')->{text}, '550 5.1.1 g***@example.com cannot be reached (undeliverable)', 'a suppressed recipient of untagged mail');
is($c->rcpt('<ana@example.com>')->{kind}, 'c', 'another one');
is($c->message([ [ 'Subject', 'x' ] ], 'x')->{at}, 'eoh', 'and the mail is still accepted at the end of its headers');
like(read_file("$dir/log"), qr/to=<g\*\*\*\@example\.com>, from=<u\*\*\*\@example\.net>, submitter=none, reason=undeliverable, status=refused \(550 5\.1\.1/, 'logged with its reason');
stop('store', 'KILL');
sub unchecked { return scalar(() = read_file("$dir/log") =~ /recipients are not checked for suppression/g) }
for my $n (1, 2) {
	$c->mail('<user@example.net>');
	is($c->rcpt('<gone@example.com>')->{kind}, 'c', "store away, mail $n: everybody passes");
	is($c->rcpt('<ana@example.com>')->{kind}, 'c', 'one after the other');
	is($c->message([ [ 'Subject', 'x' ] ], 'x')->{at}, 'eoh', 'the mail too');
}
is(unchecked(), 2, 'said once for each mail');
$c->close();

# Sockets: a live one is left alone, a stale one replaced
my $second = system("$build/bin/tandem-milter -c $dir/tandem.conf >>$dir/stderr 2>&1");
isnt($second, 0, 'a second milter does not start');
ok(is_live(), 'and leaves the first one its socket');
is(stop('milter', 'TERM'), 0, 'SIGTERM ends it well');
ok(start_milter(), 'it starts again');
stop('milter', 'KILL');
ok(-S $sock, 'killed, it leaves its socket behind');
ok(start_milter() && milter_lives(), 'which does not stop the next one');
is(stop('milter', 'TERM'), 0, 'and it ends well');
like(read_file("$dir/log"), qr/stopped/, 'and says so');
done_testing();
