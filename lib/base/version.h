/*
 * version - the one place where Tandem's version stands; the Makefile reads it from here
 */
#ifndef TD_VERSION_H
#define TD_VERSION_H

#define TD_VERSION "0.1.0"

#endif
