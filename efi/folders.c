#include "efi/folders.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "efi/recorder.h"
#include "report/files.h"

enum {
    RUNS_MAX = 4096, /* entries of a folder that are looked at */
    SPARES_MAX = 64,
    ENTRY_SIZE = 1024,
    BLOCK = 64 * 1024,
    SPACE_LEFT = 64 * 1024, /* for the tables' own growth */
};

const char *const journal_name = "journal.log";

/* One file of a folder: the journal first, but on the main volume alone. */
struct kept_file {
    const char *name;
    uint64_t size;
    char blank;
};

enum { KEPT_FILES = 1 + REPORT_FILES };

static struct kept_file kept_file(unsigned index)
{
    if (index == 0)
        return (struct kept_file){journal_name, JOURNAL_SIZE, ' '};
    return (struct kept_file){report_files[index - 1].name, report_files[index - 1].room, '\n'};
}

/* The index of the first file that a folder on this volume has. */
static unsigned first_file(const struct volume *volume)
{
    return volume == &main_volume ? 0 : 1;
}

void folder_path(char path[PATH_MAX_CHARS], uint32_t number, const char *name)
{
    format_text(path, PATH_MAX_CHARS, "\\assay\\runs\\%04u%s%s", number, name ? "\\" : "",
                name ? name : "");
}

/* ---- which folders there are */

/* The number in a folder's name of four or more digits; 0 for any other name. */
static uint32_t run_number(const CHAR16 *name)
{
    uint32_t number = 0;
    unsigned digits = 0;

    for (; name[digits] >= '0' && name[digits] <= '9' && digits < 8; digits++)
        number = number * 10 + (uint32_t)(name[digits] - '0');
    return digits >= 4 && !name[digits] ? number : 0;
}

/* The highest number below a limit; 0 when there is none. */
static uint32_t highest_below(EFI_FILE_HANDLE runs, uint32_t limit)
{
    UINT8 buffer[ENTRY_SIZE] __attribute__((aligned(8)));
    uint32_t highest = 0;

    if (!runs || EFI_ERROR(runs->SetPosition(runs, 0)))
        return 0;
    for (unsigned i = 0; i < RUNS_MAX; i++) {
        UINTN size = sizeof(buffer);
        uint32_t number;

        if (EFI_ERROR(runs->Read(runs, &size, buffer)) || !size)
            break;
        number = run_number(((EFI_FILE_INFO *)buffer)->FileName);
        if (number > highest && number < limit)
            highest = number;
    }
    return highest;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r';
}

bool folder_is_spare(const struct volume *volume, uint32_t number)
{
    struct kept_file first = kept_file(first_file(volume));
    char path[PATH_MAX_CHARS];
    EFI_FILE_HANDLE file;
    char begin = 0;
    bool spare;

    folder_path(path, number, first.name);
    file = file_open(volume->root, path, false);
    spare = file_size(file) >= first.size && !file_read(file, 0, &begin, 1) && is_blank(begin);
    file_close(file);
    return spare;
}

uint32_t folders_last_used(const struct volume *volume)
{
    EFI_FILE_HANDLE runs = file_open(volume->root, "\\assay\\runs", false);
    uint32_t number = highest_below(runs, UINT32_MAX);

    for (unsigned i = 0; i < SPARES_MAX && number && folder_is_spare(volume, number); i++)
        number = highest_below(runs, number);
    file_close(runs);
    return number;
}

/* ---- making them */

static int fill(EFI_FILE_HANDLE file, const struct kept_file *kept, char *block)
{
    int error = OK;

    memset(block, kept->blank, BLOCK);
    for (uint64_t done = 0; done < kept->size && !error; done += BLOCK) {
        uint64_t left = kept->size - done;

        error = file_write(file, block, left < BLOCK ? (size_t)left : BLOCK);
    }
    return error ? error : file_flush(file);
}

/* Makes one file of blanks unless there is one of that name. What finds no room is removed. */
static int make_blank(EFI_FILE_HANDLE folder, const struct kept_file *kept, char *block)
{
    EFI_FILE_HANDLE file = file_open(folder, kept->name, true);
    int error = OK;

    if (!file) {
        file = file_make(folder, kept->name, false);
        error = file ? fill(file, kept, block) : ERR_FULL;
    }
    if (error == ERR_FULL && file)
        file_remove(file);
    else
        file_close(file);
    return error;
}

/* Makes the files that are not there. `all`: none is to be missing, or the error is returned. */
static int make_files(const struct volume *volume, EFI_FILE_HANDLE folder, bool all)
{
    char *block = pages_for(BLOCK);
    unsigned first = first_file(volume);
    int error = block ? OK : ERR_FULL;

    for (unsigned i = first; block && i < KEPT_FILES; i++) {
        struct kept_file kept = kept_file(i);
        int result = make_blank(folder, &kept, block);

        if (!error && (all || i == first || result != ERR_FULL))
            error = result;
    }
    if (block)
        give_pages_back(block, BLOCK);
    return error;
}

static EFI_FILE_HANDLE make_folder(const struct volume *volume, uint32_t number)
{
    EFI_FILE_HANDLE assay = file_make(volume->root, "assay", true);
    EFI_FILE_HANDLE runs = file_make(assay, "runs", true);
    EFI_FILE_HANDLE folder;
    char name[16];

    format_text(name, sizeof(name), "%04u", number);
    folder = file_make(runs, name, true);
    file_close(runs);
    file_close(assay);
    return folder;
}

static uint64_t room_left(const struct volume *volume)
{
    UINT8 buffer[ENTRY_SIZE] __attribute__((aligned(8)));
    EFI_FILE_SYSTEM_INFO *info = (EFI_FILE_SYSTEM_INFO *)buffer;

    return volume_info(volume->root, info, sizeof(buffer)) ? info->FreeSpace : 0;
}

static uint64_t room_needed(const struct volume *volume)
{
    uint64_t size = SPACE_LEFT;

    for (unsigned i = first_file(volume); i < KEPT_FILES; i++)
        size += kept_file(i).size;
    return size;
}

int folder_prepare(const struct volume *volume, uint32_t number)
{
    EFI_FILE_HANDLE folder;
    int error;

    if (!volume->root || volume->broken)
        return ERR_REFUSED;
    if (folder_is_spare(volume, number))
        return OK;
    if (room_left(volume) < room_needed(volume))
        return ERR_FULL;
    folder = make_folder(volume, number);
    if (!folder)
        return ERR_FULL;
    file_hide(folder, true);
    error = make_files(volume, folder, true);
    file_close(folder);
    return error;
}

int folder_take(struct volume *volume, uint32_t number)
{
    int error;

    if (volume->broken)
        return ERR_REFUSED;
    if (!folder_is_spare(volume, number) &&
        room_left(volume) < kept_file(first_file(volume)).size + SPACE_LEFT)
        return ERR_FULL;
    volume->folder = make_folder(volume, number);
    if (!volume->folder)
        return ERR_REFUSED;
    error = make_files(volume, volume->folder, false);
    if (!error)
        error = file_hide(volume->folder, false);
    if (error == ERR_UNSUPPORTED || error == ERR_RANGE)
        error = OK; /* it stays hidden */
    volume->broken = error && error != ERR_FULL;
    return error;
}

/* ---- ending their files */

/* Bytes up to the last that is no blank, and the line feed behind it. `size` when it cannot be
 * read. */
static uint64_t true_size(EFI_FILE_HANDLE file, uint64_t size, char *block)
{
    uint64_t end = size;

    while (end > 0) {
        size_t count = end < BLOCK ? (size_t)end : BLOCK;

        if (file_read(file, end - count, block, count))
            return size;
        for (size_t i = count; i > 0; i--) {
            if (!is_blank(block[i - 1]))
                return end - count + i + (end - count + i < size);
        }
        end -= count;
    }
    return 0;
}

static void trim(EFI_FILE_HANDLE folder, const char *name, char *block)
{
    EFI_FILE_HANDLE file = file_open(folder, name, true);
    uint64_t size = file_size(file);
    uint64_t end = size ? true_size(file, size, block) : 0;

    if (file && !end) {
        file_remove(file);
        return;
    }
    if (end < size)
        file_set_size(file, end);
    file_close(file);
}

static bool has_files(EFI_FILE_HANDLE folder, unsigned first)
{
    bool found = false;

    for (unsigned i = first; i < KEPT_FILES && !found; i++) {
        EFI_FILE_HANDLE file = file_open(folder, kept_file(i).name, false);

        found = file != NULL;
        file_close(file);
    }
    return found;
}

void folder_trim(const struct volume *volume, uint32_t number)
{
    char path[PATH_MAX_CHARS];
    char *block = pages_for(BLOCK);
    EFI_FILE_HANDLE folder;

    folder_path(path, number, NULL);
    folder = file_open(volume->root, path, true);
    for (unsigned i = first_file(volume); block && folder && i < KEPT_FILES; i++)
        trim(folder, kept_file(i).name, block);
    if (volume == &mirror_volume && folder && !has_files(folder, first_file(volume)))
        file_remove(folder);
    else
        file_close(folder);
    if (block)
        give_pages_back(block, BLOCK);
}
