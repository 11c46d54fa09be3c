// SPDX-License-Identifier: GPL-2.0-or-later
/* spiceport.c - -chardev spiceport: bytes and a break between a device and a SPICE client */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/chardev/host.h"

#define SEED  17
#define NAME  "org.test.port"
#define BYTES 600

static const char *lacks(const struct variant *v, const struct caps *caps)
{
	(void)v;
	if (!caps_has_backend(caps, "spiceport"))
		return "this QEMU has no chardev backend spiceport (Debian 13: "
		       "qemu-system-modules-spice)";
	return spice_available();
}

static void spice_plan(const struct variant *v, struct plan *plan)
{
	bare_plan(v, plan);
	strv_pushl(&plan->args, "-spice", "unix=on,addr=" SPICE_SOCKET ",disable-ticketing=on",
		   NULL);
	bare_chardev(plan, "spiceport,id=c0,name=" NAME);
}

/* A client that has found the port. */
static struct spice *join(struct bare *b)
{
	struct spice *s = client_start(b->t);
	const char *name;

	name = client_await(b->t, s, "port-up");
	CHECK(b->t, strcmp(name, NAME) == 0, "the port is called \"%s\"", name);
	CHECK(b->t, strcmp(client_await(b->t, s, "port-1"), "open") == 0,
	      "the client does not see that the device is there");
	bare_host_opened(b, b->front, true);
	return s;
}

static void add_hex(struct buf *hex, const struct buf *bytes)
{
	for (size_t i = 0; i < bytes->len; i++)
		buf_addf(hex, "%02x", (unsigned char)bytes->data[i]);
}

/* What has come to the client since message *@nr is this, in whatever pieces. */
static void client_gets(struct bare *b, struct spice *s, unsigned *nr, const struct buf *bytes)
{
	struct buf want = BUF_INIT, got = BUF_INIT;

	add_hex(&want, bytes);
	while (got.len < want.len) {
		char *key = xasprintf("data-%u", ++*nr);

		buf_addstr(&got, client_await(b->t, s, key));
		free(key);
	}
	CHECK(b->t, strcmp(got.data, want.data) == 0, "the client gets %s, want %s", got.data,
	      want.data);
	buf_release(&want);
	buf_release(&got);
}

/* Nothing since message @nr. */
static void is_silent(struct bare *b, struct spice *s, unsigned nr)
{
	char *key = xasprintf("data-%u", nr + 1);

	bare_settle(b);
	spice_poll(s);
	CHECK(b->t, !spice_said(s, key), "the client gets more: %s", spice_said(s, key));
	free(key);
}

CASE(spiceport, .id = "spiceport.carries",
     .title = "a SPICE client finds the port by its name, every byte passes both ways whole and in "
	      "order, a break arrives; the device sees it come and go, and the next one is served",
     .clause = "qemu/qemu-options.hx -chardev spiceport; qemu/chardev/spice.c", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", NULL}, .lacks = lacks,
     .plan = spice_plan)
{
	struct bare *b = trial_bare(t);
	struct buf out = BUF_INIT, in = BUF_INIT, line = BUF_INIT;

	host_payload(&out, SEED, BYTES);
	host_payload(&in, SEED + 1, BYTES);
	buf_addstr(&line, "port ");
	add_hex(&line, &in);
	for (int visit = 0; visit < 2; visit++) {
		struct spice *s;
		unsigned nr = 0;

		CHECK(t, !front_kind_is_virtio(b->front->kind) || !front_host_open(b->front),
		      "the port counts as open, and nobody is there");
		s = join(b);
		bare_send(b, b->front, out.data, out.len);
		client_gets(b, s, &nr, &out);
		client_tell(t, s, line.data);
		bare_expect(b, b->front, in.data, in.len);
		client_tell(t, s, "break");
		bare_expect(b, b->front, "\0", trial_is(t, "device", "isa-serial") ? 1 : 0);
		client_tell(t, s, "port 2e");
		bare_expect(b, b->front, ".", 1);
		is_silent(b, s, nr);
		spice_release(s);
		bare_host_opened(b, b->front, false);
	}
	buf_release(&out);
	buf_release(&in);
	buf_release(&line);
}
