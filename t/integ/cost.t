#!/usr/bin/perl
# tandem cost: what an SMS, or a list of them, costs by provider and route. No daemon is asked.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use JSON::PP ();
use Test::More;

my $bin = $ENV{TANDEM_BIN} || ($ENV{TANDEM_BUILD} || "$FindBin::Bin/../../build/release") . '/bin';
my $dir = tempdir(CLEANUP => 1);

sub put
{
	my ($name, $text) = @_;
	open my $fh, '>', "$dir/$name" or die "$dir/$name: $!";
	print $fh $text;
	close $fh;
	return "$dir/$name";
}

put('tandem.conf', <<'CONF');
config_version = 1;
sms_domain = "sms.example.com";
home_country = "US";
countries = ["US", "CA", "GB"];
providers = ( { name = "main"; plugin = "file"; path = "/x"; prices = "main.csv"; },
	{ name = "backup"; plugin = "file"; path = "/x"; prices = "backup.csv"; }, { name = "free"; plugin = "file"; path = "/x"; } );
routes = ( { name = "us"; prefix = ["+1"]; providers = ["main", "backup"]; },
	{ name = "bulk"; prefix = ["+1555"]; class = ["marketing"]; providers = ["backup"]; },
	{ name = "rest"; prefix = ["+"]; providers = ["main", "free"]; } );
CONF
put('main.csv', "prefix,currency,price_per_segment\n+1,USD,0.0079\n+44,GBP,0.04\n");
put('backup.csv', "+1,USD,0.01\n");

# (exit status, documents, stderr)
sub cost
{
	my ($input, @args) = @_;
	my $in = put('stdin', $input);
	my $out = `$bin/tandem -c $dir/tandem.conf --json cost @{[map { "'$_'" } @args]} <$in 2>$dir/stderr`;
	my $status = $? >> 8;
	open my $fh, '<', "$dir/stderr" or die $!;
	my $err = join '', <$fh>;
	return ($status, [map { JSON::PP::decode_json($_) } split /\n/, $out], $err);
}
sub rows { return [map { join ' ', map { $_ // '-' } @{$_}{qw(provider route segments price currency total)} } @{ $_[0] }] }

my ($status, $docs, $err) = cost('', '--to', '(555) 123-4567', '--text', 'x' x 170);
is $status, 0, 'one SMS';
is_deeply rows($docs), ['main us 2 0.0079 USD 0.0158', 'backup us 2 0.01 USD 0.02', 'backup bulk 2 0.01 USD 0.02'],
	'each provider of each route that could carry it';
is_deeply [@{ $docs->[0] }{qw(to country)}], ['+15551234567', 'US'], 'its number and country';
($status, $docs) = cost('', '--to', '+15551234567', '--text', 'hi', '--class', 'marketing');
is_deeply rows($docs), ['backup bulk 1 0.01 USD 0.01'], 'a class: the most specific route alone';
($status, $docs) = cost('', '--to', '+15551234567', '--text', 'hi', '--class', 'service');
is_deeply rows($docs), ['main us 1 0.0079 USD 0.0079', 'backup us 1 0.01 USD 0.01'], 'another: not that route';
($status, $docs) = cost('', '--to', '+442079460000', '--text', 'hi');
is_deeply rows($docs), ['main rest 1 0.04 GBP 0.04', 'free rest 1 - - -'], 'no table, no price';
($status, $docs, $err) = cost('', '--to', '+4930123456', '--text', 'hi');
is $status, 1, 'a country that no SMS goes to';
like $err, qr/^tandem: \+493/, 'is named';

my $list = put('list.csv', qq{name,to,text,count\n"A, B",+15551234567,"Hello ""you""\nthere",1000\nb,+442079460000,hi,3\nc,123,hi,\n,,,\nd,+14165550100,hi,\n});
($status, $docs, $err) = cost('', '--csv', $list);
is $status, 1, 'a list with a bad line';
like $err, qr/list\.csv:5: "123": not a phone number/, 'the line is named, newlines in quotes counted';
is_deeply [map { join ' ', map { $_ // '-' } @{$_}{qw(country provider route messages segments currency total)} } @$docs],
	['CA main us 1 1 USD 0.0079', 'CA backup us 1 1 USD 0.01', 'GB main rest 3 3 GBP 0.12', 'GB free rest 3 3 - -',
	'US main us 1000 1000 USD 7.9000', 'US backup us 1000 1000 USD 10.00', 'US backup bulk 1000 1000 USD 10.00'],
	'by country, provider and route, exact';
($status, $docs) = cost("to,segments\n+15551234567,3\n", '--csv', '-', '--class', 'service');
is_deeply [map { $_->{total} } @$docs], ['0.0237', '0.03'], 'segments told, from standard input';
($status, $docs, $err) = cost("to,segments\n+15551234567,\n", '--csv', '-');
like $err, qr/-:2: segments "": want 0 to 10/, 'segments not told: refused';
($status, $docs, $err) = cost("number\n1\n", '--csv', '-');
like $err, qr/line 1: want the names of the columns/, 'a list without names of columns';

($status, $docs) = cost(qq({"to":"+15551234567","text":"hi"}\n{"to":"1","text":"x"}\n{"to":"+15551234567"}\n), '--batch');
is $status, 1, 'a batch with bad lines';
is $docs->[0]{total}, '0.0079', 'the first choice';
is scalar @{ $docs->[0]{all} }, 3, 'and all of them';
like $docs->[1]{error}, qr/not a phone number/, 'in order';
is $docs->[2]{error}, 'no key "text"', 'a key that is missing';
is +(cost('', '--to', '+15551234567'))[0], 2, 'no text: usage';
put('backup.csv', "+1,USD,0.01\n+1,EUR,0.02\n");
($status, $docs, $err) = cost('', '--to', '+15551234567', '--text', 'hi');
isnt $status, 0, 'a bad table';
like $err, qr/backup\.csv:2: \+1 stands in line 1 already/, 'is named with its line';
like `$bin/tandem -c $dir/tandem.conf check 2>&1`, qr/^FAIL  provider backup: prices: .*backup\.csv:2:/m, 'tandem check says the same';
done_testing;
