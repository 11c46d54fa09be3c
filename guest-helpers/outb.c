/* SPDX-License-Identifier: GPL-2.0-or-later */
/* outb.c - verb: write text to an I/O port of a PC, a byte at a time. */
#include <errno.h>
#include <string.h>
#include <sys/io.h>

#include "helper.h"

/** verb_outb() - outb PORT TEXT (decimal PORT), then say what the port reads */
int verb_outb(char **argv)
{
	const char *operands[2];
	unsigned long port = 0;

	opt_parse(NULL, 0, argv, operands, 2, 2);
	for (const char *p = operands[0]; *p; p++) {
		if (*p < '0' || *p > '9' || port > 65535)
			usage_error("outb: '%s' is not a port", operands[0]);
		port = 10 * port + (unsigned long)(*p - '0');
	}
	if (port > 65535)
		usage_error("outb: '%s' is not a port", operands[0]);
	tap_begin();
	if (ioperm(port, 1, 1))
		tap_bail("ioperm: %s", errno_name(errno));
	for (const char *p = operands[1]; *p; p++)
		outb((unsigned char)*p, (unsigned short)port);
	tap_ok(true, "wrote %zu bytes to port %#lx", strlen(operands[1]), port);
	tap_diag("reads 0x%02x", inb((unsigned short)port));
	return tap_done();
}
