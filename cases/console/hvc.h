/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hvc.h - a virtconsole as the guest sees it: a port that is a terminal, /dev/hvcN
 */
#ifndef CONSOLE_HVC_H
#define CONSOLE_HVC_H

#include "harness/run/traffic.h"

#define HVC_MS 10000

/** hvc_guest() - Run a shell line in the guest; it must succeed. malloc'ed, the last newline cut */
char *hvc_guest(struct trial *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** hvc_vport() - Wait for the port called @name: its device, "vport0p1"; malloc'ed. A console's name
 * is told to the guest after its terminal has been made, so that is there too */
char *hvc_vport(struct trial *t, const char *name);
/** hvc_debugfs() - A line of the driver's debugfs file of port @vport ("is_console"); malloc'ed */
char *hvc_debugfs(struct trial *t, const char *vport, const char *key);
/** hvc_open() - Open the host end */
struct chr *hvc_open(struct trial *t, const char *id);
/** hvc_say() - A text from the host */
void hvc_say(struct trial *t, struct chr *chr, const char *text);
/** hvc_hear() - The next bytes that the host end gets are exactly @text */
void hvc_hear(struct trial *t, struct chr *chr, const char *text);
/** hvc_line() - In the guest: read one line from @node, then write @answer to it. The line came as
 * @want, and the terminal echoed it (it does until somebody says otherwise) before the answer */
void hvc_line(struct trial *t, struct chr *chr, const char *node, const char *want,
	      const char *answer);
/** hvc_nothing_more() - End QEMU: no host end gets another byte. Not under KEEP=1 */
void hvc_nothing_more(struct trial *t);

#endif
