#!/usr/bin/perl
# Everything SMTP can do: many recipients, many mails on one connection, pipelining, SMTPUTF8, big mail, sendmail(1).
use strict;
use warnings;
use utf8;
use Encode ();
use FindBin;
use lib "$FindBin::Bin/../lib";
use Sandbox;
use Test::More;
binmode(Test::More->builder->$_, ':utf8') for qw(output failure_output);

my $box = Sandbox->up;
my $domain = $box->env('SMS_DOMAIN');

# -- 200 mail recipients and one number
like $box->mail(to => [map { "u$_\@example.net" } 1 .. 200], head => ['X-Tandem-SMS' => '+15554000001', 'X-Tandem-Text' => 'to one of them', Subject => 'two hundred']),
	qr/^250 /, '200 recipients: accepted';
is scalar(@{ [$box->wait_mails(200, qr/^Subject: two hundred\r?$/m)] }), 200, '200 mails';
is scalar(@{ [$box->wait_sms(1, '+15554000001')] }), 1, 'one SMS';

# -- 200 numbers in the envelope
like $box->mail(to => [map { sprintf '+1555401%04d@%s', $_, $domain } 1 .. 200], head => ['X-Tandem-Text' => 'to all']), qr/^250 /, '200 numbers: accepted';
$box->wait_for(sub { scalar(grep { $_->{to} =~ /^\+1555401/ } $box->sms) >= 200 });
my %count;
$count{ $_->{to} }++ for grep { $_->{to} =~ /^\+1555401/ } $box->sms;
is scalar(keys %count), 200, 'an SMS to each';
is scalar(grep { $_ != 1 } values %count), 0, 'one each';

# -- many mails on one connection, tagged and untagged mixed
my $smtp = $box->smtp;
for my $i (1 .. 20) {
	my @head = $i % 2 ? ('X-Tandem-SMS' => sprintf('+1555402%04d', $i), 'X-Tandem-Text' => "mail $i") : ();
	like $smtp->mail(head => [@head, Subject => "series $i"]), qr/^250 /, "mail $i of one connection";
}
$smtp->quit;
is scalar(@{ [$box->wait_mails(20, qr/^Subject: series \d+\r?$/m)] }), 20, 'all mails';
$box->wait_for(sub { scalar(grep { $_->{to} =~ /^\+1555402/ } $box->sms) >= 10 });
is_deeply [sort map { $_->{text} } grep { $_->{to} =~ /^\+1555402/ } $box->sms], [sort map { "mail " . (2 * $_ - 1) } 1 .. 10], 'and each its own SMS';

# -- pipelining: the whole envelope in one write, a refused recipient in the middle
$smtp = $box->smtp;
$smtp->raw("MAIL FROM:<shop\@example.com>\r\nRCPT TO:<+15554030001\@$domain>\r\nRCPT TO:<99\@$domain>\r\nRCPT TO:<+15554030002\@$domain>\r\nDATA\r\n");
like $smtp->reply, qr/^250 /, 'pipelined MAIL';
like $smtp->reply, qr/^250 /, 'first RCPT';
like $smtp->reply, qr/^550 5\.1\.3/, 'the bad one';
like $smtp->reply, qr/^250 /, 'third RCPT';
like $smtp->reply, qr/^354/, 'DATA';
$smtp->raw($smtp->message(body => "piped\n") . ".\r\nMAIL FROM:<shop\@example.com>\r\nRCPT TO:<ana\@example.net>\r\nDATA\r\n");
like $smtp->reply, qr/^250 /, 'end of data';
like $smtp->reply, qr/^250 /, 'next MAIL';
like $smtp->reply, qr/^250 /, 'RCPT';
like $smtp->reply, qr/^354/, 'DATA';
$smtp->raw($smtp->message(head => ['X-Tandem-SMS' => '+15554030003', 'X-Tandem-Text' => 'second']) . ".\r\nQUIT\r\n");
like $smtp->reply, qr/^250 /, 'second mail';
is +($box->wait_sms(1, "+1555403000$_"))[0]{text}, $_ == 3 ? 'second' : 'piped', "pipelined SMS $_" for 1 .. 3;

# -- RSET and an abandoned envelope leave nothing behind
$smtp = $box->smtp;
$smtp->say('MAIL FROM:<shop@example.com>');
$smtp->say("RCPT TO:<+15554040001\@$domain>");
like $smtp->say('RSET'), qr/^250/, 'RSET';
like $smtp->mail(to => 'ana@example.net', head => [Subject => 'after rset']), qr/^250 /, 'a plain mail after it';
$smtp->quit;
$box->wait_mails(1, qr/^Subject: after rset\r?$/m);
is scalar(() = $box->sms_to('+15554040001')), 0, 'no SMS of the abandoned envelope';

# -- SMTPUTF8 and 8BITMIME
like $box->mail(to => Encode::encode('UTF-8', 'jürgen@example.net'), mail_args => 'SMTPUTF8 BODY=8BITMIME', head => ['X-Tandem-SMS' => '+15554050001',
	'X-Tandem-Text' => Encode::encode('UTF-8', 'Grüße, Jürgen'), Subject => 'utf8']), qr/^250 /, 'SMTPUTF8: accepted';
is +($box->wait_sms(1, '+15554050001'))[0]{text}, 'Grüße, Jürgen', 'raw UTF-8 in a header';
is scalar(@{ [$box->wait_mails(1, qr/^Subject: utf8\r?$/m)] }), 1, 'the mail too';

# -- a 10 MB attachment
my $attachment = join "\n", map { 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=' x 2 } 1 .. 140_000;
like $box->mail(head => ['X-Tandem-SMS' => '+15554060001', 'X-Tandem-Text' => 'see the mail', 'MIME-Version' => '1.0',
	'Content-Type' => 'multipart/mixed; boundary=b', Subject => 'big'],
	body => "--b\nContent-Type: text/plain\n\nHello\n--b\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n$attachment\n--b--\n"),
	qr/^250 /, '10 MB: accepted';
is scalar(@{ [$box->wait_sms(1, '+15554060001')] }), 1, 'its SMS';
my ($big) = $box->wait_mails(1, qr/^Subject: big\r?$/m);
cmp_ok length($big // ''), '>', 10_000_000, 'whole';
like $box->mail(to => "+15554060002\@$domain", head => ['MIME-Version' => '1.0', 'Content-Type' => 'multipart/mixed; boundary=b'],
	body => "--b\nContent-Type: text/plain\n\nHello before it\n--b\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\n$attachment\n--b--\n"),
	qr/^250 /, '10 MB to a number: accepted';
is +($box->wait_sms(1, '+15554060002'))[0]{text}, 'Hello before it', 'its text';

# -- sendmail(1)
sub sendmail
{
	my ($mail, @args) = @_;
	open my $fh, '|-', '/usr/sbin/sendmail', '-C', $box->env('QUEUE'), '-i', @args or die "sendmail: $!";
	print $fh $mail;
	return close $fh;
}
ok sendmail("From: cron\@example.com\nTo: ana\@example.net\nSubject: local\nX-Tandem-SMS: +15554070001\nX-Tandem-Text: from cron\n\nHi\n", '-t'), 'sendmail(1) takes it';
is +($box->wait_sms(1, '+15554070001'))[0]{text}, 'from cron', 'its SMS';
unlike +($box->wait_mails(1, qr/^Subject: local\r?$/m))[0] // '', qr/^X-Tandem/mi, 'its mail without our headers';
ok sendmail("From: cron\@example.com\nSubject: direct local\n\nDisk is full\n", "+15554070002\@$domain"), 'sendmail(1) to a number';
is +($box->wait_sms(1, '+15554070002'))[0]{text}, 'Disk is full', 'its SMS';
# Postfix cannot refuse one recipient of sendmail(1): the whole mail comes back, with the reason
ok sendmail("From: cron\@example.com\nSubject: half bad\n\nHalf\n", '-f', 'half@example.com', "12\@$domain", "+15554070003\@$domain"), 'one bad number of two';
ok $box->wait_for(sub { $box->mails(qr/^X-Original-To: half\@example\.com\r?$/m, qr/"12": not a phone number/) }), 'bounces to its sender, naming the number'
	or $box->show_logs;
is scalar(() = $box->sms_to('+15554070003')), 0, 'and no SMS of it went';
ok sendmail("From: cron\@example.com\nSubject: all bad\n\nBad\n", '-f', 'cron@example.com', "12\@$domain"), 'only a bad number';
ok $box->wait_for(sub { $box->mails(qr/^X-Original-To: cron\@example\.com\r?$/m, qr/not a phone number/) }), 'bounces too';
ok $box->wait_queue_empty, 'nothing loops in the queue';
unlike $box->log_text, qr/milter configuration error/, 'no recipient was refused where Postfix cannot';

done_testing;
