#!/bin/sh
#
# lint - the rules of the house, one check a line
#
cd "$(dirname "$0")/../.." && exec scripts/checks/lint --tap
