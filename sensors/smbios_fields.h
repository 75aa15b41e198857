/*
 * Fields of one structure; used by the readers of SMBIOS alone.
 */
#ifndef ASSAY_SENSORS_SMBIOS_FIELDS_H
#define ASSAY_SENSORS_SMBIOS_FIELDS_H

#include "sensors/smbios.h"

/* Structure `index` of a type, counted from 0; ERR_ABSENT after the last one. */
int smbios_find(const void *table, size_t size, uint8_t type, unsigned index,
                struct smbios_structure *ret_structure);

/* A field of 1 to 8 bytes; 0 where the structure is too short to have it. */
uint64_t smbios_field(const struct smbios_structure *structure, size_t offset, size_t width);

/* The string whose number stands at `offset`. */
void smbios_string_at(const struct smbios_structure *structure, size_t offset, char *ret_text,
                      size_t size);

#endif
