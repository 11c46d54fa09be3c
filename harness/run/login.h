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

#endif
