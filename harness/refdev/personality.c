// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * personality.c - tables of the switches, and which of them a personality sets
 */
#include <string.h>

#include "harness/refdev/private.h"

static const struct {
	struct refdev_quirk quirk;
	unsigned versions;
} quirks[] = {
#define Q(symbol, id_, name_, versions_, text_, source_)                                           \
	{.quirk = {.id = (id_), .name = (name_), .text = (text_), .source = (source_)},            \
	 .versions = (versions_)},
	RD_QUIRKS(Q)
#undef Q
};

static const struct refdev_fault faults[] = {
#define F(symbol, name_, text_) {.name = (name_), .text = (text_)},
	RD_FAULTS(F)
#undef F
};

static const struct {
	const char *name;
	unsigned version;
} personalities[] = {
	{"strict", 0},		{"qemu-7.2", RD_V72},
	{"qemu-10.0", RD_V100}, {"qemu-10.0.13", RD_V10013},
	{"qemu-11.1", RD_V111},
};
#define N_PERSONALITIES (sizeof(personalities) / sizeof(*personalities))

unsigned refdev_quirk_count(void)
{
	return RD_Q_COUNT;
}

static const char *version_names(unsigned versions)
{
	switch (versions) {
	case RD_ALL:
		return "7.2 10.0 10.0.13 11.1";
	case RD_TO_10:
		return "7.2 10.0 10.0.13";
	case RD_OLD:
		return "7.2 10.0";
	case RD_V72:
		return "7.2";
	case RD_V10013:
		return "10.0.13";
	case RD_V111:
		return "11.1";
	case RD_SINCE_10:
		return "10.0 10.0.13 11.1";
	default:
		return "?"; /* the unit test sees to it that there is none */
	}
}

const struct refdev_quirk *refdev_quirk_get(unsigned bit)
{
	static struct refdev_quirk named[RD_Q_COUNT];

	if (bit >= RD_Q_COUNT)
		return NULL;
	named[bit] = quirks[bit].quirk;
	named[bit].versions = version_names(quirks[bit].versions);
	return &named[bit];
}

struct refdev_set refdev_quirks(const struct refdev *rd)
{
	return rd->quirks;
}

struct refdev_set refdev_quirks_seen(struct refdev *rd)
{
	struct refdev_set seen = rd->seen;

	rd->seen = (struct refdev_set){{0}};
	return seen;
}

const char *const *refdev_personalities(void)
{
	static const char *names[N_PERSONALITIES + 1];

	for (size_t i = 0; i < N_PERSONALITIES; i++)
		names[i] = personalities[i].name;
	return names;
}

static bool quirk_word(const char *word, struct refdev_set *set, struct buf *why)
{
	for (unsigned i = 0; i < RD_Q_COUNT; i++) {
		if (strcmp(quirks[i].quirk.name, word + 1) != 0)
			continue;
		if (*word == '+')
			set->word[i / 64] |= BIT(i % 64);
		else
			set->word[i / 64] &= ~BIT(i % 64);
		return true;
	}
	buf_addf(why, "no such deviation: %s", word + 1);
	return false;
}

static bool base_word(const char *word, struct refdev_set *set, struct buf *why)
{
	for (size_t p = 0; p < N_PERSONALITIES; p++) {
		if (strcmp(personalities[p].name, word) != 0)
			continue;
		*set = (struct refdev_set){{0}};
		for (unsigned i = 0; i < RD_Q_COUNT; i++)
			if (quirks[i].versions & personalities[p].version)
				set->word[i / 64] |= BIT(i % 64);
		return true;
	}
	buf_addf(why, "no such personality: %s", word);
	return false;
}

bool rd_personality(const char *text, struct refdev_set *set, struct buf *why)
{
	struct strv words = {0};
	bool ok = true;

	strv_split(&words, text ? text : "strict", ",");
	*set = (struct refdev_set){{0}};
	if (words.n == 0) {
		buf_addstr(why, "no personality given");
		ok = false;
	}
	for (size_t i = 0; i < words.n && ok; i++) {
		const char *word = words.v[i];

		if (i > 0 && *word != '+' && *word != '-') {
			buf_addf(why, "+ or - has to stand before %s", word);
			ok = false;
		} else {
			ok = i ? quirk_word(word, set, why) : base_word(word, set, why);
		}
	}
	strv_release(&words);
	return ok;
}

bool refdev_personality_known(const char *personality, struct buf *why)
{
	struct refdev_set set;

	return rd_personality(personality, &set, why);
}

char *refdev_personality_version(const char *personality)
{
	static const char qemu[] = "qemu-";
	size_t n = strlen(qemu);

	if (strncmp(personality, qemu, n) != 0)
		return NULL;
	return xstrndup(personality + n, strcspn(personality + n, ","));
}

unsigned refdev_fault_count(void)
{
	return RD_F_COUNT;
}

const struct refdev_fault *refdev_fault_get(unsigned bit)
{
	return bit < RD_F_COUNT ? &faults[bit] : NULL;
}

static int fault_bit(const char *name)
{
	for (int i = 0; i < (int)RD_F_COUNT; i++)
		if (strcmp(faults[i].name, name) == 0)
			return i;
	return -1;
}

bool refdev_fault_set(struct refdev *rd, const char *name, bool on)
{
	int bit = fault_bit(name);

	if (bit < 0)
		return false;
	if (on)
		rd->faults.word[bit / 64] |= BIT(bit % 64);
	else
		rd->faults.word[bit / 64] &= ~BIT(bit % 64);
	return true;
}

bool rd_faults_parse(const char *text, struct rd_faults *set, struct buf *why)
{
	struct strv words = {0};
	bool ok = true;

	if (text)
		strv_split(&words, text, ",");
	*set = (struct rd_faults){{0}};
	for (size_t i = 0; i < words.n && ok; i++) {
		int bit = fault_bit(words.v[i]);

		if (bit < 0) {
			buf_addf(why, "no such fault: %s", words.v[i]);
			ok = false;
		} else {
			set->word[bit / 64] |= BIT(bit % 64);
		}
	}
	strv_release(&words);
	return ok;
}
