/*
 * callbacks - libmilter's calls, translated: they fetch what libmilter knows, ask a stage, and say its answer; they
 * decide nothing
 */
#ifndef TD_CALLBACKS_H
#define TD_CALLBACKS_H

#include <libmilter/mfapi.h>

/* For smfi_register; static. */
struct smfiDesc *td_callbacks(void);

#endif
