#!/usr/bin/perl
# A provider that can send Turkish shift tables gets a Turkish text in one segment; the milter counts as tandem-smsd does.
use strict;
use warnings;
use utf8;
use FindBin;
use MIME::Base64;
use lib "$FindBin::Bin/../lib";
use Sandbox;
use Test::More;
binmode(Test::More->builder->$_, ':utf8') for qw(output failure_output);

my $box = Sandbox->up(conf => <<'CONF');
providers = (
  { name = "file"; plugin = "file"; from = "+15550001111"; path = "../sms/out.jsonl"; incoming = "../sms/in.jsonl";
    national = ["tr", "pt"]; } );
text = { max_segments = 1; };
CONF
my $domain = $box->env('SMS_DOMAIN');
my $turkish = 'Kargonuz yarın ulaşacak, değişiklik için arayın: 0212 555 12 34. İyi günler.';

sub mail
{
	my ($number, $text) = @_;
	utf8::encode($text);
	return $box->mail(to => "$number\@$domain", head => ['MIME-Version' => '1.0', 'Content-Type' => 'text/plain; charset=utf-8'],
		body => "$text\n");
}

# The same text in a header.
sub literal
{
	my ($number, $text) = @_;
	utf8::encode($text);
	return $box->mail(to => "$number\@$domain", head => ['X-Tandem-Text' => '=?utf-8?B?' . encode_base64($text, '') . '?='], body => "\n");
}

like mail('+15553000021', $turkish), qr/^250 /, '76 letters of Turkish are one segment';
my $sms = ($box->wait_sms(1, '+15553000021'))[0] || {};
is $sms->{text}, $turkish, 'the text arrives as it is';
is $sms->{encoding}, 'gsm7', 'in 7-bit letters';
is $sms->{national}, 'tr', 'of the Turkish table';
is $sms->{segments}, 1, 'in one segment';
like literal('+15553000022', "$turkish$turkish$turkish"), qr/^552 5\.2\.3 .*2 segments, at most 1/, 'thrice that is refused, with the count';
like mail('+15553000023', 'Your order is on its way.'), qr/^250 /, 'English';
ok !exists +(($box->wait_sms(1, '+15553000023'))[0] || {})->{national}, 'needs no table';
like literal('+15553000024', 'ž' x 80), qr/^552 5\.2\.3 /, 'Czech has no table, and 80 letters of it are UCS-2';
like literal('+15553000025', "\x{200B}\x{2800}\x{AD}"), qr/^550 5\.6\.0 /, 'a text that cannot be seen is none';
done_testing;
