// SPDX-License-Identifier: GPL-2.0-or-later
/* wire.c - what a wire case sees */
#include "harness/run/wire.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/wire/target_ref.h"

#define HOST_MS 8000

void case_plan(const struct variant *v, struct plan *plan)
{
	struct target_config config = {0};

	if (v->c->plan)
		v->c->plan(v, plan);
	if (!v->c->wire)
		return;
	v->c->wire(v, &config);
	target_qtest_plan(&config, plan);
}

void wire_config(const struct variant *v, struct target_config *config, const char *properties)
{
	const char *transport = variant_get(v, "transport");
	bool packed = variant_is(v, "ring", "packed");

	if (transport && !target_transport_find(transport, &config->transport))
		die("no such transport: %s", transport);
	config->properties = properties;
	if (packed && properties) /* as long as the trial: nobody frees it */
		config->properties = xasprintf("%s,packed=on", properties);
	else if (packed)
		config->properties = "packed=on";
}

void wire_port(struct target_config *config, unsigned nr, bool console, const char *name)
{
	if (config->n_ports == TARGET_PORTS_MAX)
		die("a topology holds at most %d ports", TARGET_PORTS_MAX);
	config->ports[config->n_ports++] =
		(struct target_port){.nr = nr, .console = console, .name = name};
}

void wire_topology_plain(const struct variant *v, struct target_config *config)
{
	wire_config(v, config, "max_ports=4");
	wire_port(config, 0, true, NULL);
	wire_port(config, 1, false, WIRE_NAME);
}

const char *wire_lacks(const struct variant *v, const struct caps *caps)
{
	struct target_config config = {0};
	struct strv list = {NULL, 0};
	const char *device, *lacks = NULL;

	v->c->wire(v, &config);
	device = config.transport <= TARGET_PCI_LEGACY ? "virtio-serial-pci"
						       : "virtio-serial-device";
	strv_split(&list, config.properties ? config.properties : "", ",");
	if (config.express && !caps_has_device(caps, "pcie-root-port"))
		lacks = xasprintf("this QEMU has no pcie-root-port");
	for (size_t i = 0; i < list.n && !lacks; i++) {
		list.v[i][strcspn(list.v[i], "=")] = '\0';
		if (!caps_has_property(caps, device, list.v[i]))
			lacks = xasprintf("this QEMU's %s has no property %s", device, list.v[i]);
	}
	strv_release(&list);
	return lacks;
}

char *wire_reference_lacks(const struct variant *v, const char *personality)
{
	struct target_config config = {0};
	struct strv list = {NULL, 0};
	char *lacks = NULL;

	v->c->wire(v, &config);
	if (config.uart)
		return xasprintf("the reference device is a virtio console, no %s", config.uart);
	if (config.properties)
		strv_split(&list, config.properties, ",");
	for (size_t i = 0; i < list.n && !lacks; i++) {
		list.v[i][strcspn(list.v[i], "=")] = '\0';
		if (!refdev_has_property(personality, (enum refdev_transport)config.transport,
					 list.v[i]))
			lacks = xasprintf("the reference device, as %s, has no property %s there",
					  personality, list.v[i]);
	}
	strv_release(&list);
	return lacks;
}

/* The one machine of this process's trial. */
static struct target_qtest machine;
static bool machine_made;

static void machine_ended(void *arg, const char *why)
{
	trial_fail(arg, __FILE__, __LINE__, "%s", why);
}

static void machine_release(void *arg)
{
	struct target *target = arg;

	target->on_end = NULL;
	target_release(target);
	machine_made = false;
}

struct target_qtest *trial_machine(struct trial *t, const struct target_config *config)
{
	struct buf why = BUF_INIT;
	bool up;

	trial_make_rig(t);
	up = target_qtest_start(&machine, &t->rig, config, &why);
	machine_made = true;
	trial_defer(t, machine_release, &machine);
	CHECK(t, up, "%s", why.data);
	buf_release(&why);
	machine.base.on_end = machine_ended;
	machine.base.on_end_arg = t;
	trial_note(t, "up: %s", t->rig.timings.data);
	return &machine;
}

struct target_qtest *trial_qemu(struct trial *t)
{
	struct target_config config = {0};

	if (machine_made)
		return &machine;
	t->spec->variant.c->wire(&t->spec->variant, &config);
	return trial_machine(t, &config);
}

/* The same machine for a session that drives the reference device. */
static struct target_ref ref_machine;

static struct target *trial_reference(struct trial *t)
{
	const struct session *s = t->session;
	struct target_config config = {0};
	struct buf why = BUF_INIT;
	bool up;

	if (machine_made)
		return &ref_machine.base;
	t->spec->variant.c->wire(&t->spec->variant, &config);
	up = target_ref_start(&ref_machine, &config, s->reference, s->ref_faults, &why);
	machine_made = true;
	trial_defer(t, machine_release, &ref_machine);
	CHECK(t, up, "%s", why.data);
	buf_release(&why);
	ref_machine.base.on_end = machine_ended;
	ref_machine.base.on_end_arg = t;
	return &ref_machine.base;
}

struct target *trial_wire(struct trial *t)
{
	return t->session->reference ? trial_reference(t) : &trial_qemu(t)->base;
}

static void vcon_free(void *arg)
{
	vcon_release(arg);
	free(arg);
}

struct vcon *trial_vcon(struct trial *t, const struct vcon_options *o)
{
	struct vcon *c = xcalloc(1, sizeof(*c));
	struct target *target = trial_wire(t);
	struct buf why = BUF_INIT;

	trial_defer(t, vcon_free, c);
	CHECK(t, vcon_start(c, target, o, &why), "the driver cannot start: %s", why.data);
	CHECK(t, c->multiport || (o && o->not &VF_MULTIPORT), "MULTIPORT is not offered");
	buf_release(&why);
	if (!t->session->reference)
		rig_lap(&t->rig, "driver");
	return c;
}

void wire_event(struct trial *t, struct vcon *c, uint32_t id, uint16_t event, uint16_t value,
		const char *more)
{
	struct vcon_msg m, want = {.id = id, .event = event, .value = value};
	struct buf is = BUF_INIT, wanted = BUF_INIT;

	if (more) {
		want.n_more = strlen(more);
		memcpy(want.more, more, want.n_more);
	}
	vcon_msg_text(&want, &wanted);
	CHECK(t, vcon_event(c, &m, VCON_MS), "no control message comes, want %s", wanted.data);
	vcon_msg_text(&m, &is);
	CHECK(t, m.id == id && m.event == event && m.value == value, "the device sends %s, want %s",
	      is.data, wanted.data);
	CHECK(t, !more || (m.n_more == want.n_more && !memcmp(m.more, want.more, m.n_more)),
	      "the device sends %s with %zu bytes behind it, want %s with %zu", is.data, m.n_more,
	      wanted.data, want.n_more);
	buf_release(&is);
	buf_release(&wanted);
}

void wire_no_event(struct trial *t, struct vcon *c)
{
	struct buf is = BUF_INIT;
	struct vcon_msg m;
	bool more;

	CHECK(t, target_settle(c->t), "the device does not come to rest");
	more = vcon_event(c, &m, 0);
	if (more)
		vcon_msg_text(&m, &is);
	CHECK(t, !more, "the device sends %s, which nothing asks for", is.data);
	buf_release(&is);
}

void wire_tell(struct trial *t, struct vcon *c, uint32_t id, uint16_t event, uint16_t value)
{
	uint32_t used;

	CHECK(t, vcon_tell(c, id, event, value, &used),
	      "the control message %u for port %u does not come back", event, id);
	CHECK(t, used == 0, "a control message comes back with used length %u", used);
}

void wire_handshake(struct trial *t, struct vcon *c)
{
	struct vcon_msg m;

	wire_tell(t, c, VC_NO_ID, VC_DEVICE_READY, 1);
	for (size_t i = 0; i < c->t->config.n_ports; i++) {
		wire_tell(t, c, c->t->config.ports[i].nr, VC_PORT_READY, 1);
		wire_tell(t, c, c->t->config.ports[i].nr, VC_PORT_OPEN, 1);
	}
	CHECK(t, target_settle(c->t), "the device does not come to rest");
	while (vcon_event(c, &m, 0))
		;
}

/* What has arrived, collected until there is enough or time is up. */
struct gathering {
	struct target *target;
	unsigned nr;
	struct buf got;
	size_t want;
	bool closed;
};

static bool gathered(void *arg)
{
	struct gathering *g = arg;
	char room[4096];
	long n;

	while ((n = target_host_read(g->target, g->nr, room, sizeof(room))) > 0)
		buf_add(&g->got, room, (size_t)n);
	g->closed = n < 0;
	return g->closed || g->got.len >= g->want;
}

static void host_gets(struct trial *t, unsigned nr, const void *data, size_t len, int ms)
{
	struct gathering g = {.target = trial_wire(t), .nr = nr, .got = BUF_INIT, .want = len};
	struct buf unlike = BUF_INIT;

	target_until(g.target, gathered, &g, ms);
	text_unlike(&unlike, g.got.data, g.got.len, g.closed ? ", then its end" : "", data, len);
	CHECK(t, g.got.len == len && memcmp(g.got.data, data, len) == 0,
	      "at the host end of port %u arrives %s", nr, unlike.data);
	buf_release(&unlike);
	buf_release(&g.got);
}

void wire_host_gets(struct trial *t, unsigned nr, const void *data, size_t len)
{
	host_gets(t, nr, data, len, HOST_MS);
}

void wire_host_has(struct trial *t, unsigned nr, const void *data, size_t len)
{
	CHECK(t, target_settle(trial_wire(t)), "the device does not come to rest");
	host_gets(t, nr, data, len, 0);
}

void wire_host_quiet(struct trial *t, unsigned nr)
{
	struct target *target = trial_wire(t);
	char byte;
	long n;

	CHECK(t, target_settle(target), "the device does not come to rest");
	n = target_host_read(target, nr, &byte, 1);
	CHECK(t, n == 0, "the host end of port %u gets %s, want nothing", nr,
	      n < 0 ? "its end" : "a byte");
}

struct opening {
	struct target *target;
	unsigned nr;
	struct target_port_state state;
};

static bool is_open(void *arg)
{
	struct opening *o = arg;

	return target_port_state(o->target, o->nr, &o->state) && o->state.host;
}

void wire_host_open(struct trial *t, unsigned nr)
{
	struct opening o = {.target = trial_wire(t), .nr = nr};

	CHECK(t, target_host_open(o.target, nr), "port %u: %s", nr, o.target->refusal.data);
	CHECK(t, target_until(o.target, is_open, &o, HOST_MS),
	      "port %u does not see that its host end has opened", nr);
	/* A console counts as open from the start: there the connection itself is awaited. */
	CHECK(t, target_settle(o.target), "the device does not come to rest");
}
