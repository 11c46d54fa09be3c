/* SPDX-License-Identifier: GPL-2.0-or-later */
/* player_private.h - what player.c, player_driver.c and player_raw.c share */
#ifndef WIRE_PLAYER_PRIVATE_H
#define WIRE_PLAYER_PRIVATE_H

#include "harness/wire/player.h"

/** wire_stream() - Byte @at of what a port's driver (@to_host) or host sends */
unsigned char wire_stream(unsigned port, bool to_host, uint32_t at);
/** wire_word() - Is @word among the words of @text; with @value: as WORD=NUMBER */
bool wire_word(const char *text, const char *word, unsigned long long *value);
/** wire_find() - Find the device's registers, as after power-on */
void wire_find(struct wire_player *p, struct buf *b);
/** wire_keep() - A copy of the text that stays as long as the player */
const char *wire_keep(struct wire_player *p, const char *text);
/** wire_say_refused() - Say so, if it was */
void wire_say_refused(struct wire_player *p, bool ok, struct buf *b);
/** wire_port_nr() - The number of the port that a script calls @nr */
unsigned wire_port_nr(const struct wire_player *p, unsigned nr);
/** wire_save_load() - WIRE_SAVELOAD */
void wire_save_load(struct wire_player *p, const struct wire_step *s, struct buf *b);
/** wire_play_driver() - The steps from WIRE_START to WIRE_JUMP, and those of single queues */
void wire_play_driver(struct wire_player *p, const struct wire_step *s, struct buf *b);
/** wire_find_uart() - Let a PCI device decode its ports */
void wire_find_uart(struct wire_player *p);
/** wire_play_uart() - The steps from WIRE_W on */
void wire_play_uart(struct wire_player *p, const struct wire_step *s, struct buf *b);
/** wire_look_uart() - What can be seen after a step */
void wire_look_uart(struct wire_player *p, const struct wire_step *s, struct buf *seen);
/** wire_play_pci() - WIRE_MASTER to WIRE_PM */
void wire_play_pci(struct wire_player *p, const struct wire_step *s, struct buf *b);
/** wire_play_raw() - Of these those that break rules: WIRE_CHAIN, WIRE_HEAD, WIRE_JUMP */
void wire_play_raw(struct wire_player *p, struct ring *r, const struct wire_step *s, struct buf *b);

#endif
