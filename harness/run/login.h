/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * login.h - somebody logs in on a terminal of the guest, works, and leaves
 */
#ifndef RUN_LOGIN_H
#define RUN_LOGIN_H

#include "harness/run/trial.h"

/**
 * login_drive() - The guest runs a login on /dev/@tty, our end of that is @host, open: a wrong
 * password is refused, the right one let in; tty and ls answer, long output comes whole and ends in
 * a prompt, exit leads back to "login:", also for somebody who comes later
 */
void login_drive(struct trial *t, struct chr *host, const char *tty);

/* Steps of it, for people who do several things at a time; what does not come fails the trial. */

/* Behind its prompt the guest's shell asks the terminal where the cursor is. */
#define LOGIN_PROMPT "# \033\\[6n"

/** login_await() - Wait for a pattern of console_expect(); @what names it in the failure */
void login_await(struct trial *t, struct console *c, const char *pattern, const char *what);
void login_say(struct trial *t, struct console *c, const char *text);
/** login_try() - At "login:", give the name and @password: is it let in? */
bool login_try(struct trial *t, struct console *c, const char *password);
/** login_long_output() - At a prompt: many bytes come whole; @pty: as many as a pty holds */
void login_long_output(struct trial *t, struct console *c, bool pty);

#endif
