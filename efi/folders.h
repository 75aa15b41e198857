/*
 * The folders of runs, \assay\runs\NNNN, on both volumes.
 *
 * FAT is damaged by growth at the moment of a cut: a file that gets longer, or shorter, or is made,
 * changes the tables. So folders are prepared: the medium comes with some, each with every file of
 * a run in it, as long as it will hardly ever get and full of blanks. They are hidden. A run takes
 * the lowest one, shows it and overwrites its files where they lie. When its verdict stands on the
 * console, files_tidy() ends the files at what they hold and prepares new folders.
 *
 * A folder is a spare one while its first file begins with a blank, so that a journal that has a
 * line in it is never written over by another run.
 */
#ifndef ASSAY_EFI_FOLDERS_H
#define ASSAY_EFI_FOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "efi/volume.h"

extern const char *const journal_name;

/* Writes "\assay\runs\NNNN", or with a name the path of that file in it. */
void folder_path(char path[PATH_MAX_CHARS], uint32_t number, const char *name);

/* The highest number of a folder that a run has used; 0 when there is none. */
uint32_t folders_last_used(const struct volume *volume);

/* True when the folder of that number is prepared for a run and no run has used it. */
bool folder_is_spare(const struct volume *volume, uint32_t number);

/* Opens the folder for a run, making what is not prepared of it. ERR_FULL: not even its first file
 * finds room. Other files that find none are left out. */
int folder_take(struct volume *volume, uint32_t number);

/* Ends every file of the folder, which a run has used, before its blanks, and removes those that
 * are all blank. */
void folder_trim(const struct volume *volume, uint32_t number);

/* Prepares a spare folder unless there is one of that number, hidden. ERR_FULL: there is no room,
 * and nothing was left behind. */
int folder_prepare(const struct volume *volume, uint32_t number);

#endif
