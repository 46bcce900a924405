#!/usr/bin/perl
# A Postfix that nobody but `tandem postfix --apply` has told of Tandem delivers a tagged mail and its SMS; after --undo it knows
# nothing of it again.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Sandbox;
use Test::More;

my $box = Sandbox->up;
my $etc = $box->env('QUEUE');
my $token_domain = $box->env('TOKEN_DOMAIN');

sub put { open my $fh, '>', $_[0] or die "$_[0]: $!"; print $fh $_[1]; close $fh }
sub postfix { return $box->tandem('postfix', '--config-dir', $etc, '--pipe', $box->dir . '/bin/tandem-pipe', @_) }
sub tagged
{
	my ($subject, $number) = @_;
	return $box->mail(to => 'ana@example.net', head => ['X-Tandem-SMS' => $number, 'X-Tandem-Text' => $subject, Subject => $subject]);
}

# -- a Postfix that knows nothing of us
my ($main, $master) = map { Sandbox::slurp("$etc/$_") } qw(main.cf master.cf);
$main =~ s/^# ---- Tandem ----\n.*\z//ms;
$main =~ s/^fast_flush_domains.*\n//m;
$master =~ s/^sms \s.*\n(?:[ \t].*\n)*//m;
put("$etc/main.cf", $main);
put("$etc/master.cf", $master);
is system('postfix', '-c', $etc, 'reload'), 0, 'without a word of Tandem in its configuration';
like tagged('before', '+15551230001'), qr/^250 /, 'a tagged mail';
$box->wait_mails(1, qr/^Subject: before\r?$/m);
is scalar(@{ [$box->sms] }), 0, 'is a mail only';

# -- applied
my ($status, $out, $err) = postfix('--apply');
is $status, 0, '--apply' or diag $out, $err;
($status, $out) = $box->tandem('check', '--postfix', '--config-dir', $etc);
is $status, 0, 'check has no doubt of Postfix' or diag $out;
ok $box->wait_for(sub { tagged('after', '+15551230002') =~ /^250 / && $box->sms_to('+15551230002') }), 'a tagged mail becomes an SMS';
my ($mail) = $box->wait_mails(1, qr/^Subject: after\r?$/m);
unlike $mail, qr/^X-Tandem-/m, 'and a mail without our headers';
is +($box->sms_to('+15551230002'))[0]{text}, 'after', 'with its text';
my $smtp = $box->smtp;
$smtp->say('MAIL FROM:<shop@example.com>');
like $smtp->say("RCPT TO:<t-aaaa\@$token_domain>"), qr/^554 5\.7\.1/, 'no client may address a token';
$smtp->quit;
like $box->mail(to => '+15551230003@' . $box->env('SMS_DOMAIN'), body => "direct\n"), qr/^250 /, 'mail to a number';
is +($box->wait_sms(1, '+15551230003'))[0]{text}, 'direct', 'is an SMS';
is system('/usr/sbin/sendmail -C ' . $etc . " ana\@example.net <<'MAIL'\nSubject: local\nX-Tandem-SMS: +15551230004\nX-Tandem-Text: local\n\nx\nMAIL\n"), 0,
	'sendmail(1)';
is +($box->wait_sms(1, '+15551230004'))[0]{text}, 'local', 'passes the milter too';

# -- and undone
ok $box->wait_queue_empty, 'the queue is empty';
($status, $out, $err) = postfix('--undo');
is $status, 0, '--undo' or diag $err;
is Sandbox::slurp("$etc/main.cf"), $main, 'main.cf is as it was';
is Sandbox::slurp("$etc/master.cf"), $master, 'master.cf is as it was';
done_testing;
