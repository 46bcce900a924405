#!/usr/bin/perl
#
# 11-alphabet - the default alphabet and its extension, character by character, against Perl's Encode::GSM0338
#
# NBSP and the escape itself, which Encode takes as well, are left out.
use strict;
use warnings;
use utf8;
use Encode;
use File::Temp;
use JSON::PP;

my $src = $ENV{TANDEM_SRC} // '.';
my $build = $ENV{TANDEM_BUILD} // "$src/build/release";
my $dir = File::Temp->newdir('tandem-peer.XXXXXX', TMPDIR => 1);

sub put
{
	my ($name, @lines) = @_;
	open my $out, '>', "$dir/$name" or die "$dir/$name: $!";
	print $out map { "$_\n" } @lines;
	close $out or die "$dir/$name: $!";
}

put('tandem.conf', 'sms_domain = "sms.example.com";', 'home_country = "US";', 'countries = ["US"];', 'text = { smart = false; };');
# Controls never reach an SMS; the rest of the plane's first part, where all of GSM 03.38 is, one character each.
my @scalars = grep { ($_ >= 0x20 && $_ < 0x7F) || $_ > 0xA0 } 1 .. 0x2FFF;
my $json = JSON::PP->new->ascii->utf8;
put('in', map { $json->encode({ text => 'x' . chr . 'x' }) } @scalars);
my @lines = `$build/bin/tandem -c $dir/tandem.conf segments --batch <$dir/in`;
my ($wrong, $letters) = (0, 0);

print "1..3\n";
printf "%s 1 - an answer for each of %d characters\n", (@lines == @scalars ? 'ok' : 'not ok'), scalar @scalars;
for my $i (0 .. $#lines) {
	my $got = $json->decode($lines[$i]);
	my $want = eval { length Encode::encode('gsm0338', chr $scalars[$i], Encode::FB_CROAK) } // 0;
	# what NFC makes another character of is that one
	next if $got->{text} ne 'x' . chr($scalars[$i]) . 'x';
	my $is = $got->{encoding} eq 'gsm7' ? $got->{units} - 2 : 0;

	$letters += $is > 0;
	next if $is == $want;
	$wrong++;
	printf "# U+%04X: %d septets, Encode has %d\n", $scalars[$i], $is, $want;
}
printf "%s 2 - septets as Encode::GSM0338 has them\n", $wrong ? 'not ok' : 'ok';
# 137 without line feed, carriage return and form feed
printf "%s 3 - the whole alphabet was seen (%d)\n", ($letters == 134 ? 'ok' : 'not ok'), $letters;
