// SPDX-License-Identifier: GPL-2.0-or-later
/* target_ref_machine.c - what can be done to the reference machine as a whole */
#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/wire/target_ref_private.h"

bool target_ref_plug(struct target *base, const struct target_port *port)
{
	struct target_ref *t = target_ref_of(base);
	struct refdev_port p = target_ref_port(port);

	buf_clear(&base->refusal);
	if (!t->dev)
		return target_ref_refuse(base, "there is no controller");
	/* Its backend may have been there before it, and somebody connected. */
	p.open = !port->no_chardev && target_ref_end_make(t, port->nr)->open;
	return refdev_plug(t->dev, &p, &base->refusal);
}

bool target_ref_unplug(struct target *base, unsigned nr, bool keep_backend)
{
	struct target_ref *t = target_ref_of(base);
	struct target_ref_end *e = target_ref_end_of(t, nr);

	if (!t->dev || !refdev_unplug(t->dev, nr))
		return target_ref_refuse(base, "there is no such port");
	if (e && !keep_backend) {
		e->exists = false;
		target_ref_end_empty(e);
	}
	return true;
}

bool target_ref_backend_plug(struct target *base, unsigned nr)
{
	struct target_ref_end *e = target_ref_end_of(target_ref_of(base), nr);

	if (e && e->exists)
		return target_ref_refuse(base, "this backend is there already");
	target_ref_end_make(target_ref_of(base), nr);
	return true;
}

bool target_ref_backend_unplug(struct target *base, unsigned nr)
{
	struct target_ref *t = target_ref_of(base);
	struct target_ref_end *e = target_ref_end_of(t, nr);
	struct refdev_port_state state;

	if (!e || !e->exists)
		return target_ref_refuse(base, "there is no such backend");
	if (t->dev && refdev_port_state(t->dev, nr, &state) && state.exists)
		return target_ref_refuse(base, "the backend is in use");
	e->exists = false;
	target_ref_end_empty(e);
	return true;
}

/* What they have sent and nobody took is gone with the old one. */
bool target_ref_backend_change(struct target *base, unsigned nr)
{
	struct target_ref *t = target_ref_of(base);
	struct target_ref_end *e = target_ref_end_of(t, nr);

	if (!e || !e->exists)
		return target_ref_refuse(base, "there is no such backend");
	if (t->dev && !refdev_may_change(t->dev, nr))
		return target_ref_refuse(base, "not while the machine is stopped");
	target_ref_end_empty(e);
	if (t->dev)
		refdev_backend_changed(t->dev, nr);
	return true;
}

bool target_ref_controller_unplug(struct target *base)
{
	struct target_ref *t = target_ref_of(base);

	if (!t->dev)
		return target_ref_refuse(base, "there is no controller");
	/* Its ports go first (qdev_unrealize()), each with a PORT_REMOVE. */
	refdev_unplug_all(t->dev);
	t->last_words = refdev_log(t->dev);
	target_ref_device_free(t);
	return true;
}

bool target_ref_controller_plug(struct target *base)
{
	struct target_ref *t = target_ref_of(base);

	buf_clear(&base->refusal);
	if (t->dev)
		return target_ref_refuse(base, "there is a controller already");
	if (!target_ref_device(t, &base->refusal))
		return false;
	for (size_t i = 0; i < t->n_ends; i++)
		if (t->ends[i].open)
			refdev_host_open(t->dev, t->ends[i].nr);
	return true;
}

bool target_ref_stop(struct target *base)
{
	target_ref_of(base)->stopped = true;
	if (target_ref_of(base)->dev)
		refdev_stop(target_ref_of(base)->dev);
	return true;
}

bool target_ref_cont(struct target *base)
{
	target_ref_of(base)->stopped = false;
	if (target_ref_of(base)->dev)
		refdev_cont(target_ref_of(base)->dev);
	return true;
}

bool target_ref_reset(struct target *base)
{
	if (target_ref_of(base)->dev)
		refdev_reset(target_ref_of(base)->dev);
	return true;
}

bool target_ref_save(struct target *base, struct buf *state)
{
	struct target_ref *t = target_ref_of(base);

	if (!t->dev)
		return target_ref_refuse(base, "there is no controller");
	refdev_stop(t->dev);
	buf_add(state, &t->written, sizeof(t->written));
	buf_add(state, t->ram, t->written);
	refdev_save(t->dev, state);
	return true;
}

/* As after power-on, nobody connected. */
static void power_on(struct target_ref *t)
{
	struct buf why = BUF_INIT;

	target_ref_device_free(t);
	for (size_t i = 0; i < t->n_ends; i++)
		target_ref_end_empty(&t->ends[i]);
	memset(t->ram, 0, t->written);
	t->written = 0;
	if (!target_ref_device(t, &why))
		die("the device that was made before cannot be made again: %s", why.data);
	buf_release(&why);
}

bool target_ref_load(struct target *base, const struct target_config *config,
		     const struct buf *state, const unsigned *open, size_t n_open)
{
	struct target_ref *t = target_ref_of(base);
	uint64_t written = 0;
	size_t at = sizeof(written);

	if (state->len >= at)
		memcpy(&written, state->data, at);
	if (state->len < at || written > TARGET_RAM || state->len - at < written)
		die("a saved state of %zu bytes is none of this machine", state->len);
	buf_clear(&base->refusal);
	target_ref_device_free(t);
	for (size_t i = 0; i < t->n_ends; i++) {
		target_ref_end_empty(&t->ends[i]);
		t->ends[i].exists = false;
	}
	base->config = *config;
	t->stopped = false;
	if (!target_ref_device(t, &base->refusal))
		return false;
	for (size_t i = 0; i < n_open; i++)
		target_ref_host_open(base, open[i]);
	memset(t->ram, 0, t->written);
	memcpy(t->ram, state->data + at, written);
	t->written = written;
	at += written;
	if (refdev_load(t->dev, state->data + at, state->len - at, &base->refusal))
		return true;
	power_on(t);
	return false;
}
