#!/usr/bin/perl
# The mail itself is decided too: suppression per recipient, what is left of a mail, List-Unsubscribe, dry runs, scope = "all".
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::INET;
use Sandbox;
use Test::More;

my $box = Sandbox->up(conf => <<'CONF');
web = { public_url = "https://notify.example.com"; };
milter = { scope = "all"; };
policy = { email_optin = false; };
categories = {
	news = { class = "marketing"; };
	notice = { class = "transactional"; };
	strict = { class = "marketing"; deny_action = "reject"; };
	lenient = { class = "transactional"; deny_action = "discard"; };
};
CONF
my $domain = $box->env('SMS_DOMAIN');
my $number = 15558000000;
sub fresh { return '+' . ++$number }
sub subject { return [$box->wait_mails(1, qr/^Subject: $_[0]\r?$/m)] }
sub recipients { return sort map { /^X-Original-To: (\S+)/m ? $1 : '?' } $box->mails(qr/^Subject: $_[0]\r?$/m) }
sub out { my ($address, @more) = @_; my ($status, undef, $err) = $box->tandem('consent', 'out', $address, @more); is $status, 0, "consent out $address" or diag $err }
sub suppress { my ($address, $kind) = @_; my ($status, undef, $err) = $box->tandem('suppress', 'add', $address, '--kind', $kind); is $status, 0, "suppress $address" or diag $err }
# Everything that was on its way has arrived.
sub settle { ok $box->wait_queue_empty, 'the queue is empty' }

out('no-orders@example.net', '--channel', 'email', '--category', 'notice');
out('no-news@example.net', '--channel', 'email', '--category', 'news');
out('never@example.net', '--channel', 'email');

# -- some denied: they alone
like $box->mail(to => ['ana@example.net', 'No-Orders@Example.NET', 'bob@example.net'], head => ['X-Tandem-Category' => 'notice', Subject => 'some']), qr/^250 /,
	'one of three opted out';
settle();
is_deeply [recipients('some')], ['ana@example.net', 'bob@example.net'], 'the mail goes to the others';
like $box->log_text, qr/to=<n\*\*\*\@example\.net>, channel=email, reason=optout, status=denied \(.*opted out of notice on \d{4}-/i, 'and the log says why';

# -- all denied
like $box->mail(to => 'no-orders@example.net', head => ['X-Tandem-Category' => 'notice', Subject => 'all']), qr/^550 5\.7\.1 \S+ opted out of notice on \d{4}-\d\d-\d\d/,
	'all denied, transactional: refused with the reason';
like $box->mail(to => 'no-news@example.net', head => ['X-Tandem-Category' => 'news', Subject => 'all']), qr/^250 /, 'marketing: taken, and discarded';
like $box->mail(to => 'never@example.net', head => ['X-Tandem-Category' => 'strict', Subject => 'all']), qr/^550 5\.7\.1 /, 'as its category says: refused';
like $box->mail(to => ['no-orders@example.net', 'never@example.net'], head => ['X-Tandem-Category' => 'notice', Subject => 'all']), qr/^550 5\.7\.1 /, 'two of two: refused';
like $box->mail(to => 'never@example.net', head => ['X-Tandem-Category' => 'lenient', Subject => 'all']), qr/^250 /, 'as its category says: discarded';
settle();
is_deeply [recipients('all')], [], 'none of them goes';

# -- the SMS's carrier
my $carried = fresh();
like $box->mail(to => 'no-orders@example.net', head => ['X-Tandem-Category' => 'notice', 'X-Tandem-SMS' => $carried, 'X-Tandem-Text' => 'carried', Subject => 'carrier']),
	qr/^250 /, 'mail denied, SMS not';
is +($box->wait_sms(1, $carried))[0]{text}, 'carried', 'the SMS goes';
settle();
is_deeply [recipients('carrier')], [], 'the mail does not';

# -- List-Unsubscribe
sub unsubscribe
{
	my ($mail) = @_;
	$mail =~ s/\r?\n([ \t])/$1/g;
	my @one = $mail =~ /^List-Unsubscribe: (.*?)\r?$/mg;
	my @post = $mail =~ /^List-Unsubscribe-Post: (.*?)\r?$/mg;
	is scalar @one, 1, 'one List-Unsubscribe';
	is_deeply \@post, ['List-Unsubscribe=One-Click'], 'one List-Unsubscribe-Post';
	my ($link, $mailto) = ($one[0] // '') =~ m{^<https://notify\.example\.com/u/([a-z2-7]{42})>,\s*<mailto:u-([a-z2-7]{42})\@r\.example\.com>$};
	ok defined $link, 'a link and an address' or diag $one[0];
	is $link, $mailto, 'with one token';
	return $link // '';
}
my %token;
for my $who (qw(cleo dora)) {
	like $box->mail(to => "$who\@example.net", head => ['X-Tandem-Category' => 'news', Subject => "offer for $who"]), qr/^250 /, "marketing to $who";
	my $mail = subject("offer for $who")->[0] // '';
	$token{$who} = unsubscribe($mail);
	unlike $mail, qr/X-Tandem/i, 'nothing of ours is left';
	unlike $token{$who}, qr/$who/, 'no address in the token';
}
isnt $token{cleo}, $token{dora}, 'each has a token of his own';
like $box->mail(to => 'cleo@example.net', head => ['X-Tandem-Category' => 'news', 'List-Unsubscribe' => '<https://app.example.com/leave>',
	'List-Unsubscribe-Post' => 'List-Unsubscribe=One-Click', 'List-Unsubscribe' => '<mailto:leave@app.example.com>', Subject => 'own link']), qr/^250 /, 'with links of its own';
my $own = subject('own link')->[0] // '';
is unsubscribe($own), $token{cleo}, 'the same token serves the next mail';
unlike $own, qr/app\.example\.com/, 'and the links of the application are replaced';
like $box->mail(to => 'cleo@example.net', head => ['X-Tandem-Category' => 'strict', Subject => 'other topic']), qr/^250 /, 'another category';
isnt unsubscribe(subject('other topic')->[0] // ''), $token{cleo}, 'has another token';
like $box->mail(to => 'cleo@example.net', head => ['X-Tandem-Category' => 'notice', Subject => 'order']), qr/^250 /, 'transactional mail';
unlike subject('order')->[0] // '', qr/^List-Unsubscribe/mi, 'has none';
like $box->mail(to => ['cleo@example.net', 'dora@example.net'], head => ['X-Tandem-Category' => 'news', Subject => 'crowd']),
	qr/^550 5\.7\.1 marketing mail needs one recipient each/, 'marketing to two: refused';

# -- dry run
my $dry = fresh();
my $jobs = () = $box->tandem_json('jobs');
like $box->mail(to => ['ana@example.net', 'no-orders@example.net'], head => ['X-Tandem-Category' => 'notice', 'X-Tandem-SMS' => $dry, 'X-Tandem-Text' => 'dry',
	'X-Tandem-Event' => 'purchase', 'X-Tandem-Dry-Run' => 'yes', 'Message-ID' => '<dry@shop>', Subject => 'dry']), qr/^250 /, 'a dry run: 250';
settle();
is_deeply [recipients('dry')], [], 'no mail';
is scalar(() = $box->sms_to($dry)), 0, 'no SMS';
is scalar(() = $box->tandem_json('jobs')), $jobs, 'no job';
is +($box->tandem('why', '<dry@shop>'))[0], 1, 'nothing on record';
is_deeply [map { $_->{state} } $box->tandem_json('consent', 'show', $dry)], ['unknown'], 'the number is not provided by it';
my $log = $box->log_text;
like $log, qr/tandem-milter\[\d+\]: \w+: to=<a\*\*\*\@[^>]*>, channel=email, reason=ok, status=SEND/, 'the verdict of each is logged: SEND';
like $log, qr/tandem-milter\[\d+\]: \w+: to=<n\*\*\*\@[^>]*>, channel=email, reason=optout, status=DENY/, 'DENY';
like $log, qr/tandem-milter\[\d+\]: \w+: to=<[^>]*>, channel=sms, reason=ok, status=SEND/, 'and of its SMS';
like $log, qr/status=dry-run/, 'and what it was';

# -- an application's retry: the mail passes, the SMS went already
my $again = fresh();
my @retry = (head => ['X-Tandem-SMS' => $again, 'X-Tandem-Text' => 'once', 'Message-ID' => '<retry@shop>', Subject => 'retry']);
like $box->mail(@retry), qr/^250 /, "submission $_" for 1, 2;
is scalar(@{ [$box->wait_mails(2, qr/^Subject: retry\r?$/m)] }), 2, 'both mails pass';
settle();
is scalar(@{ [$box->wait_sms(1, $again)] }), 1, 'one SMS';

# -- scope = "all": mail that nobody tagged, from anybody
suppress('gone@example.net', 'undeliverable');
suppress('quiet@example.net', 'dnc');
my $smtp = $box->smtp('SMTP_UNTRUSTED');
like $smtp->mail(to => ['gone@example.net', 'ana@example.net'], all_rcpt => 1, head => [Subject => 'untagged']), qr/^250 /, 'untagged mail to two';
like $smtp->{rcpt}[0], qr/^550 5\.1\.1 g\S* cannot be reached/, 'the dead address is refused at RCPT';
like $smtp->{rcpt}[1], qr/^250 /, 'the other is not';
like $smtp->mail(to => 'quiet@example.net', head => [Subject => 'personal']), qr/^250 /, 'who complained of marketing may be written to';
$smtp->quit;
is_deeply [recipients('untagged')], ['ana@example.net'], 'delivered to the other' if subject('untagged');
open my $sendmail, '|-', '/usr/sbin/sendmail', '-C', $box->env('QUEUE'), '-i', '-f', 'cron@example.com', 'gone@example.net', 'ana@example.net' or die $!;
print $sendmail "From: cron\@example.com\nSubject: from cron\n\nHi\n";
ok close $sendmail, 'sendmail(1) to two';
ok subject('from cron')->[0], 'goes';
settle();
is_deeply [recipients('from cron')], ['ana@example.net'], 'to the other alone';
like $box->log_text, qr/to=<g[^>]*>, channel=email, reason=undeliverable, status=denied/, 'and the log says so';

# -- the store away: untagged mail passes, unchecked
$box->kill('stored');
$smtp = $box->smtp('SMTP_UNTRUSTED');
like $smtp->mail(to => ['gone@example.net', 'ana@example.net'], head => [Subject => 'unchecked']), qr/^250 /, 'store away: untagged mail passes';
$smtp->quit;
is scalar(@{ [$box->wait_mails(2, qr/^Subject: unchecked\r?$/m)] }), 2, 'to everybody';
like $box->mail(to => 'ana@example.net', head => ['X-Tandem-Category' => 'notice', Subject => 'tagged away']), qr/^451 4\.3\.0 /, 'tagged mail is deferred';
$box->start('stored');
like $box->mail(to => 'ana@example.net', head => ['X-Tandem-Category' => 'notice', Subject => 'tagged back']), qr/^250 /, 'and goes when the store is back';
ok subject('tagged back')->[0], 'delivered';
settle();

$box->show_logs if !Test::More->builder->is_passing;
done_testing;
