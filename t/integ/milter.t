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

# Runs a dialogue: Lua text that begins after `conn` is open from the trusted client.
sub dialogue
{
	my ($lua) = @_;
	write_file("$dir/one.lua", <<"END" . $lua . "\nmt.disconnect(conn)\n");
conn = mt.connect("unix:$sock", 50, 0.1)
mt.conninfo(conn, "client.example", "10.1.2.3")
mt.macro(conn, SMFIC_MAIL, "{mail_mailer}", "smtp", "{daemon_name}", "smtpd")
mt.mailfrom(conn, "<shop\@example.com>")
function reply() mt.echo(string.char(mt.getreply(conn))) end
function answer(code, dsn) mt.echo(mt.eom_check(conn, MT_SMTPREPLY, code, dsn) and "yes" or "no") end
END
	return `miltertest -s $dir/one.lua 2>&1`;
}

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
like($asked, qr/^prepare submitter=app dests=1 emails=0 .* body=12 /m, 'the text of a direct SMS comes from its body');
like($asked, qr/^prepare submitter=here /m, 'sendmail(1) is the local submitter');
my $log = read_file("$dir/log");
like($log, qr/tandem-milter\[\d+\]: 4XyZ: .*submitter=app, class=transactional, .*job=01JTESTJOB, sms=1, .*status=prepared/, 'a mail is one line');
like($log, qr/NOQUEUE: to=<\+1415\*\*\*0199>, .*reason=optout, status=refused \(550 5\.7\.1 \+1415\*\*\*0199 opted out of SMS on 2026-11-02/,
	'a refusal at RCPT is logged with its reason');
like($log, qr/status=deferred \(450 4\.7\.1 .* try again at 2026-11-02T/, 'a full budget says when');
like($log, qr/reason=invalid-number, status=refused \(550 5\.1\.3 "123": not a phone number \(want \+COUNTRY NUMBER\)\)/, 'no number');
like($log, qr/reason=blocked-country/, 'a country');
like($log, qr/\(554 5\.7\.1 /, 'the token domain is 554');
like($log, qr/channel=sms, reason=no-number, status=denied/, 'no number on file is logged');
like($log, qr/reason=not-a-submitter, status=stripped/, 'removed headers are logged');
unlike($log, qr/14155550123/, 'numbers are masked');
unlike($log, qr/Your order|Direct text/, 'texts are absent');

# Store away
stop('store', 'KILL');
like(dialogue(<<'END'), qr/^c\n/, 'store away: ordinary mail passes');
mt.rcptto(conn, "<ana@example.com>")
reply()
END
like(dialogue(<<'END'), qr/^y\ny\n$/, 'a number is deferred at RCPT, tagged mail at its end');
mt.rcptto(conn, "<+14155550123@sms.example.com>")
reply()
mt.rcptto(conn, "<ana@example.com>")
mt.header(conn, "X-Tandem-SMS", "yes")
mt.header(conn, "X-Tandem-Text", "x")
mt.eoh(conn)
mt.bodystring(conn, "x\r\n")
mt.eom(conn)
reply()
END
like(read_file("$dir/log"), qr/status=deferred \(450 4\.3\.0 /, '450 for the number');
like(read_file("$dir/log"), qr/status=deferred \(451 4\.3\.0 /, '451 for the mail');

# Reload: a good one counts for new connections, a bad one changes nothing
configure('on_store_down = "pass";');
kill('USR1', $running{milter});
ok(eventually(sub { read_file("$dir/log") =~ /configuration loaded anew/ }), 'SIGUSR1 loads the configuration');
my $pass = <<'END';
mt.rcptto(conn, "<ana@example.com>")
mt.header(conn, "X-Tandem-SMS", "yes")
mt.header(conn, "X-Tandem-Text", "x")
mt.eoh(conn)
mt.bodystring(conn, "x\r\n")
mt.eom(conn)
reply()
END
like(dialogue($pass), qr/^c\n$/, 'and on_store_down = pass holds from then on');
write_file("$dir/tandem.conf", "config_version = 1;\nmilter = { lisen = \"x\"; };\n");
kill('USR1', $running{milter});
ok(eventually(sub { read_file("$dir/log") =~ /lisen/ }), 'a bad configuration is logged');
like(dialogue($pass), qr/^c\n$/, 'and the old one stays');
configure('commit = "eom";');
kill('USR1', $running{milter});
ok(eventually(sub { () = read_file("$dir/log") =~ /configuration loaded anew/g; 2 == (() = read_file("$dir/log") =~ /configuration loaded anew/g) }),
	'a good one is taken again');

# The store is back
ok(start_store(), 'the store is back');
like(dialogue(<<'END'), qr/^c\nno token\n$/, 'commit = eom adds no recipient');
mt.rcptto(conn, "<ana@example.com>")
mt.header(conn, "X-Tandem-SMS", "yes")
mt.header(conn, "X-Tandem-Template", "hello")
mt.eoh(conn)
mt.bodystring(conn, "x\r\n")
mt.eom(conn)
reply()
mt.echo(mt.eom_check(conn, MT_RCPTADD) and "token" or "no token")
END
like(read_file("$dir/store.out"), qr/activate=1 dry=1 .*\n.*activate=1 dry=0 /, 'a text that needs the person is tried before it is activated');

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
