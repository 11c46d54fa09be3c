// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usb.c - what Linux's driver of a usb-serial does not ask for, or hides: its driver is taken from
 * the device, which is asked by usbfs
 *
 * A usb-serial is an FTDI (qemu/hw/usb/dev-serial.c usb_serial_handle_control(), the requests'
 * numbers and values in linux/drivers/usb/serial/ftdi_sio.h): 0 reset, with 0 for all of it, 1 for
 * what was received, 2 for what is to be sent; 5 status; 9 and 10 the latency timer. Each packet
 * from it begins with two bytes of status: the modem's lines, which are all on where the backend
 * has none, and those of the line.
 */
#include "cases/fops/fops.h"

/* Its ring has 496 bytes (RECV_BUF); 400 and 400 go around its end. */
static const char usb_script[] = "usb-take a 0 = ok\n"
				 "usb-set a 0 0 = ok\n"
				 "usb-get a 5 2 = b1 60\n"
				 "usb-set a 9 20 = ok\n"
				 "usb-get a 10 1 = 14\n"
				 "usb-set a 99 0 = EPIPE\n"
				 "host open\n"
				 "host send 60\n"
				 "usb-read a b100 = 60\n"
				 "host send 400\n"
				 "host settles\n"
				 "usb-read a b100 = 400\n"
				 "host send 400\n"
				 "host settles\n"
				 "usb-read a b100 = 400\n"
				 "host send 50\n"
				 "host settles\n"
				 "usb-set a 0 1 = ok\n"
				 "skip a 50 = ok\n"
				 "host send 5\n"
				 "usb-read a b100 = 5\n"
				 "host send 496\n"
				 "host settles\n"
				 "usb-set a 0 0 = ok\n"
				 "skip a 496 = ok\n"
				 "usb-get a 10 1 = 14\n"
				 "host send 7\n"
				 "host settles\n"
				 "usb-set a 0 2 = ok\n"
				 "usb-read a b100 = 7\n"
				 "usb-write a 70 = 70\n"
				 "host hears 70\n"
				 "close a = ok\n";

CASE(fops_usb, .id = "fops.usb-requests",
     .title = "a usb-serial answers an FTDI's requests; a reset of it, or of what it has received, "
	      "empties its ring, and one of what it sends does not",
     .clause = "qemu/hw/usb/dev-serial.c usb_serial_handle_control(); "
	       "linux/drivers/usb/serial/ftdi_sio.h",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"device", NULL},
     .lacks = fops_lacks, .plan = fops_plan)
{
	fops_run(t, usb_script);
}
