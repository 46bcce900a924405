#!/usr/bin/perl
#
# gsm_vectors - make gsm_vectors.tsv of gsm_vectors.json
#
# usage: t/data/gsm_vectors.pl <t/data/gsm_vectors.json >t/data/gsm_vectors.tsv
#
# The JSON was made for Tandem by a reference implementation; its counts agree with npm sms-segments-calculator 1.3.0,
# split-sms 0.1.7 and @trt2/gsm-charset-utils 1.0.13 (all MIT). Texts are written as the hex of their UTF-8.

use strict;
use warnings;
use JSON::PP;

binmode STDOUT, ':encoding(UTF-8)';
my $all = decode_json(do { local $/; <STDIN> });
print "# made by t/data/gsm_vectors.pl from gsm_vectors.json\n# name\tencoding\tunits\tsegments\thex of the UTF-8 text\n";
for my $v (@{ $all->{segmentation} }) {
	my $text = $v->{text};
	utf8::encode($text);
	(my $name = $v->{name}) =~ tr/\t\n/  /;
	print join("\t", $name, lc $v->{encoding}, $v->{units}, $text eq '' ? 0 : $v->{segments_ref8}, unpack 'H*', $text), "\n";
}
