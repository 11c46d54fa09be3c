// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fops_usb.c - the calls of a script upon a usb-serial without its driver, by usbfs: the requests
 * of an FTDI (linux/drivers/usb/serial/ftdi_sio.h), and its two bulk endpoints
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "helper.h"

#define ENDPOINT_IN  0x81
#define ENDPOINT_OUT 0x02
#define VENDOR_OUT   0x40
#define VENDOR_IN    0xc0
#define PACKET	     64
#define STATUS	     2 /* bytes in front of each packet */
#define TRANSFER     512
#define TIMEOUT_MS   10000

/* A number that sysfs has of the device of @tty: the interface is the parent of the tty's device */
static int number_of(const char *tty, const char *name)
{
	char path[128], text[16] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/tty/%.40s/device/../../%s", tty, name);
	f = fopen(path, "re");
	if (!f || !fgets(text, sizeof(text), f))
		tap_bail("%s: %s", path, errno_name(errno));
	fclose(f);
	return (int)strtol(text, NULL, 10);
}

/* usb-take SLOT PORT: instead of its driver, under its address */
static void call_take(struct fops_call *c)
{
	struct usbdevfs_ioctl driver = {.ioctl_code = USBDEVFS_DISCONNECT};
	struct fops_slot *s = fops_slot(c, 1);
	uint64_t port = fops_number(c, 2);
	unsigned int interface = 0;
	int fd, bus, device;
	const char *tty;
	char path[64];

	if (port >= FOPS_PORTS || !fops_ports[port].path)
		tap_bail("usb-take: there is no port %s", c->word[2]);
	tty = strrchr(fops_ports[port].path, '/');
	tty = tty ? tty + 1 : fops_ports[port].path;
	bus = number_of(tty, "busnum");
	device = number_of(tty, "devnum");
	snprintf(path, sizeof(path), "/dev/bus/usb/%03d/%03d", bus, device);
	fd = open(path, O_RDWR | O_CLOEXEC);
	*s = (struct fops_slot){.fd = fd, .port = &fops_ports[port]};
	if (fd < 0 || ioctl(fd, USBDEVFS_IOCTL, &driver) < 0 ||
	    ioctl(fd, USBDEVFS_CLAIMINTERFACE, &interface) < 0)
		fops_result(c, "%s: %s", path, errno_name(errno));
	else
		fops_result(c, "ok");
}

static int control(const struct fops_slot *s, uint8_t type, uint64_t request, uint64_t value,
		   uint8_t *data, uint16_t len)
{
	struct usbdevfs_ctrltransfer t = {.bRequestType = type,
					  .bRequest = (uint8_t)request,
					  .wValue = (uint16_t)value,
					  .wLength = len,
					  .timeout = TIMEOUT_MS,
					  .data = data};

	return ioctl(s->fd, USBDEVFS_CONTROL, &t);
}

/* usb-set SLOT REQUEST VALUE */
static void call_set(struct fops_call *c)
{
	int n = control(fops_slot(c, 1), VENDOR_OUT, fops_number(c, 2), fops_number(c, 3), NULL, 0);

	fops_result(c, "%s", n < 0 ? errno_name(errno) : "ok");
}

/* usb-get SLOT REQUEST N: the N bytes that it gives, "b1 60" */
static void call_get(struct fops_call *c)
{
	uint64_t n = fops_number(c, 3);
	uint8_t data[8] = {0};
	size_t len = 0;
	int got;

	if (n > sizeof(data))
		tap_bail("usb-get: %s is too much", c->word[3]);
	got = control(fops_slot(c, 1), VENDOR_IN, fops_number(c, 2), 0, data, (uint16_t)n);
	if (got < 0) {
		fops_result(c, "%s", errno_name(errno));
		return;
	}
	c->result[0] = '\0';
	for (int i = 0; i < got; i++)
		len += (size_t)snprintf(c->result + len, sizeof(c->result) - len, "%s%02x",
					i ? " " : "", data[i]);
}

static int bulk(const struct fops_slot *s, unsigned int endpoint, void *data, unsigned int len)
{
	struct usbdevfs_bulktransfer t = {.ep = endpoint,
					  .len = len,
					  .timeout = TIMEOUT_MS,
					  .data = data};

	return ioctl(s->fd, USBDEVFS_BULK, &t);
}

/* usb-read SLOT STATUS: one transfer; how many bytes of the stream were in it, behind the two of
 * each packet, which are STATUS, "b1 00" as "b100" */
static void call_read(struct fops_call *c)
{
	struct fops_slot *s = fops_slot(c, 1);
	unsigned long status = strtoul(c->word[2], NULL, 16);
	uint8_t data[TRANSFER];
	uint64_t before = s->port->got;
	int n = bulk(s, ENDPOINT_IN, data, sizeof(data));

	if (n < 0) {
		fops_result(c, "%s", errno_name(errno));
		return;
	}
	for (int at = 0; at < n; at += PACKET) {
		size_t len = (size_t)(n - at < PACKET ? n - at : PACKET);

		if (len < STATUS || data[at] != status >> 8 || data[at + 1] != (status & 0xff)) {
			fops_result(c, "a packet of %zu bytes that begins with %02x%02x", len,
				    data[at], len < STATUS ? 0 : data[at + 1]);
			return;
		}
		len -= STATUS;
		if (stream_match(s->port->rx, s->port->got, data + at + STATUS, len) < len) {
			fops_result(c, "wrong in the %zu bytes from byte %llu on", len,
				    (unsigned long long)s->port->got);
			return;
		}
		s->port->got += len;
	}
	fops_result(c, "%llu", (unsigned long long)(s->port->got - before));
}

/* usb-write SLOT N: in one transfer */
static void call_write(struct fops_call *c)
{
	struct fops_slot *s = fops_slot(c, 1);
	uint64_t n = fops_number(c, 2);
	uint8_t data[TRANSFER];
	int put;

	if (n > sizeof(data))
		tap_bail("usb-write: %s is too much", c->word[2]);
	stream_fill(s->port->tx, s->port->sent, data, n);
	put = bulk(s, ENDPOINT_OUT, data, (unsigned int)n);
	s->port->sent += put > 0 ? (uint64_t)put : 0;
	fops_result_n(c, put);
}

/** fops_run_usb() - make a call, if it is one of these */
bool fops_run_usb(struct fops_call *c)
{
	const char *name = c->word[0];

	if (!strcmp(name, "usb-take") && c->n == 3)
		call_take(c);
	else if (!strcmp(name, "usb-set") && c->n == 4)
		call_set(c);
	else if (!strcmp(name, "usb-get") && c->n == 4)
		call_get(c);
	else if (!strcmp(name, "usb-read") && c->n == 3)
		call_read(c);
	else if (!strcmp(name, "usb-write") && c->n == 3)
		call_write(c);
	else
		return false;
	return true;
}
