#include "efi/files.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "efi/folders.h"
#include "efi/volume.h"
#include "report/journal.h"

enum {
    HANDLES = 64,
    INFO_SIZE = 512,
    SPARES = 4,     /* folders that are kept prepared */
    TRIM_BACK = 12, /* folders of earlier runs whose files are ended */
};

static EFI_FILE_HANDLE journal;
static bool growing; /* the file being written may get longer */

/* True when both volumes lie on one disk: their paths are equal up to the partition node. */
static bool same_disk(EFI_HANDLE a, EFI_HANDLE b)
{
    const EFI_DEVICE_PATH *left = protocol_on(a, &device_path_guid);
    const EFI_DEVICE_PATH *right = protocol_on(b, &device_path_guid);
    const EFI_DEVICE_PATH *left_media = path_find(left, PATH_MEDIA, PATH_PARTITION);
    const EFI_DEVICE_PATH *right_media = path_find(right, PATH_MEDIA, PATH_PARTITION);
    size_t size;

    if (!left_media || !right_media)
        return false;
    size = (size_t)((const uint8_t *)left_media - (const uint8_t *)left);
    return size == (size_t)((const uint8_t *)right_media - (const uint8_t *)right) &&
           !memcmp(left, right, size);
}

static bool is_labelled_assay(EFI_FILE_HANDLE root)
{
    static const CHAR16 label[] = {'A', 'S', 'S', 'A', 'Y', 0};
    UINT8 buffer[INFO_SIZE] __attribute__((aligned(8)));
    EFI_FILE_SYSTEM_INFO *info = (EFI_FILE_SYSTEM_INFO *)buffer;

    return volume_info(root, info, sizeof(buffer)) && !info->ReadOnly &&
           !memcmp(info->VolumeLabel, label, sizeof(label));
}

static void open_mirror(void)
{
    EFI_HANDLE handles[HANDLES];
    size_t count = handles_with(&file_system_guid, handles, HANDLES);

    for (size_t i = 0; i < count && !mirror_volume.root; i++) {
        EFI_FILE_HANDLE root;

        if (handles[i] == firmware.loaded->DeviceHandle ||
            !same_disk(handles[i], firmware.loaded->DeviceHandle))
            continue;
        root = volume_root(handles[i]);
        if (is_labelled_assay(root))
            mirror_volume.root = root;
    }
}

bool files_open(char *ret_reason, size_t size)
{
    EFI_HANDLE handle = firmware.loaded ? firmware.loaded->DeviceHandle : NULL;
    UINT8 buffer[INFO_SIZE] __attribute__((aligned(8)));
    EFI_FILE_SYSTEM_INFO *info = (EFI_FILE_SYSTEM_INFO *)buffer;

    main_volume.root = volume_root(handle);
    if (!main_volume.root) {
        copy_text(ret_reason, size, "Assay was not started from a file system");
        return false;
    }
    open_mirror();
    if (path_find(protocol_on(handle, &device_path_guid), PATH_MEDIA, PATH_CDROM)) {
        copy_text(ret_reason, size, "Assay was started from a CD");
        return false;
    }
    if (volume_info(main_volume.root, info, sizeof(buffer)) && info->ReadOnly) {
        copy_text(ret_reason, size, "the medium is write-protected");
        return false;
    }
    return true;
}

int files_read(const char *path, void *buffer, size_t size, size_t *ret_size)
{
    EFI_FILE_HANDLE file = file_open(main_volume.root, path, false);
    UINTN count = size;
    EFI_STATUS status;

    if (!file)
        return ERR_ABSENT;
    status = file->Read(file, &count, buffer);
    file_close(file);
    if (EFI_ERROR(status))
        return firmware_error(status);
    if (count == size)
        return ERR_FULL;
    *ret_size = count;
    return OK;
}

bool files_exists(const char *path)
{
    EFI_FILE_HANDLE file = file_open(main_volume.root, path, false);

    file_close(file);
    return file != NULL;
}

int files_read_journal(uint32_t number, void *buffer, size_t size, size_t *ret_size)
{
    char path[PATH_MAX_CHARS];
    EFI_FILE_HANDLE file;
    uint64_t whole;
    int error;

    folder_path(path, number, journal_name);
    file = file_open(main_volume.root, path, false);
    whole = file_size(file);
    error = file_read(file, 0, buffer, whole < size ? (size_t)whole : size);
    file_close(file);
    if (!error)
        *ret_size = whole < size ? (size_t)whole : size;
    return error;
}

bool files_look_back(uint32_t number, struct files_prior *ret_prior, struct last_moments *work,
                     void *buffer, size_t size)
{
    struct journal_reader reader;
    struct event event;
    size_t count = 0;

    if (files_read_journal(number, buffer, size, &count) ||
        !last_moments_read(work, buffer, count, &ret_prior->run))
        return false;
    reader = journal_read_from(buffer, count);
    while (journal_read(&reader, &event))
        continue;
    ret_prior->run.number = number;
    ret_prior->end = reader.offset;
    ret_prior->sequence = reader.sequence;
    return true;
}

int files_acknowledge(const struct files_prior *prior, bool grows)
{
    struct event event = {.type = EVENT_RUN_END, .run_end.ending = ENDED_CUT};
    static char line[JOURNAL_LINE_MAX];
    char path[PATH_MAX_CHARS];
    size_t length = journal_encode(line, sizeof(line), prior->sequence + 1, &event);
    EFI_FILE_HANDLE file;
    int error = ERR_ABSENT;

    folder_path(path, prior->run.number, journal_name);
    file = file_open(main_volume.root, path, true);
    if (main_volume.broken)
        error = ERR_REFUSED;
    else if (file && !grows && prior->end + length > file_size(file))
        error = ERR_FULL;
    else if (file)
        error = file_write_at(file, prior->end, line, length);
    if (!error)
        error = file_flush(file);
    file_close(file);
    return error;
}

/* ---- the store: the folder of this run, on both volumes */

static int volume_create(struct volume *volume, const char *name, bool grows)
{
    if (volume->broken || !volume->folder)
        return ERR_REFUSED;
    volume->file =
        grows ? file_make(volume->folder, name, false) : file_open(volume->folder, name, true);
    volume->room = grows ? UINT64_MAX : file_size(volume->file);
    if (!volume->file)
        return grows ? ERR_FULL : ERR_ABSENT;
    return OK;
}

static int volume_append(struct volume *volume, const void *data, size_t size)
{
    int error;

    if (volume->broken || !volume->file)
        return ERR_REFUSED;
    if (size > volume->room)
        return ERR_FULL;
    error = file_write(volume->file, data, size);
    volume->room -= size;
    volume->broken = error && error != ERR_FULL;
    return error;
}

static int volume_finish(struct volume *volume)
{
    int error;

    if (!volume->file)
        return ERR_REFUSED;
    error = volume->broken ? ERR_REFUSED : file_flush(volume->file);
    volume->broken |= error != OK;
    file_close(volume->file);
    volume->file = NULL;
    return error;
}

/* The mirror is a convenience: its failure is not the store's. But a file that does not fit there
 * as it lies is to be written later. */
static int of_both(int main_error, int mirror_error)
{
    bool later = !growing && (mirror_error == ERR_FULL || mirror_error == ERR_ABSENT);

    return main_error ? main_error : later ? mirror_error : OK;
}

static int create(void *context, const char *name, bool grows)
{
    int mirror_error = volume_create(&mirror_volume, name, grows);

    (void)context;
    growing = grows;
    return of_both(volume_create(&main_volume, name, grows), mirror_error);
}

static int append(void *context, const void *data, size_t size)
{
    int mirror_error = volume_append(&mirror_volume, data, size);

    (void)context;
    return of_both(volume_append(&main_volume, data, size), mirror_error);
}

static int finish(void *context)
{
    (void)context;
    volume_finish(&mirror_volume);
    return volume_finish(&main_volume);
}

static int journal_create(void *context, size_t size)
{
    char begin = 0;

    (void)context;
    journal = file_open(main_volume.folder, journal_name, true);
    if (!journal)
        return ERR_ABSENT;
    if (file_size(journal) < size)
        return ERR_FULL;
    return file_read(journal, 0, &begin, 1) || begin != ' ' ? ERR_REFUSED : OK;
}

static int journal_write(void *context, size_t offset, const void *data, size_t size)
{
    int error = ERR_REFUSED;

    (void)context;
    if (!main_volume.broken && journal)
        error = file_write_at(journal, offset, data, size);
    main_volume.broken |= error != OK;
    return error;
}

static int journal_flush(void *context)
{
    int error = ERR_REFUSED;

    (void)context;
    if (!main_volume.broken && journal)
        error = file_flush(journal);
    main_volume.broken |= error != OK;
    return error;
}

static void journal_close(void *context)
{
    (void)context;
    file_close(journal);
    journal = NULL;
}

/* ---- runs */

uint32_t files_last_run(void)
{
    return folders_last_used(&main_volume);
}

/* Above all that either volume has, and where one is prepared, that. */
uint32_t files_next_run(void)
{
    uint32_t last = folders_last_used(&main_volume);
    uint32_t mirrored = folders_last_used(&mirror_volume);

    if (mirrored > last)
        last = mirrored;
    for (uint32_t number = last + 1; number <= last + SPARES; number++) {
        if (folder_is_spare(&main_volume, number))
            return number;
    }
    return last + 1;
}

static void close_folder(struct volume *volume)
{
    file_close(volume->folder);
    volume->folder = NULL;
}

int files_start_run(uint32_t number, struct store *ret_store)
{
    int error;

    journal_close(NULL);
    close_folder(&main_volume);
    close_folder(&mirror_volume);
    error = folder_take(&main_volume, number);
    if (error)
        return error;
    if (mirror_volume.root)
        folder_take(&mirror_volume, number);
    *ret_store = (struct store){
        .create = create,
        .append = append,
        .finish = finish,
        .journal_create = journal_create,
        .journal_write = journal_write,
        .journal_flush = journal_flush,
        .journal_close = journal_close,
    };
    return OK;
}

static unsigned tidy(struct volume *volume, uint32_t number)
{
    unsigned spares = 0;

    if (!volume->root || volume->broken)
        return 0;
    for (uint32_t i = 0; i < TRIM_BACK && i < number; i++)
        folder_trim(volume, number - i);
    for (uint32_t i = 1; i <= SPARES; i++)
        spares += folder_prepare(volume, number + i) == OK;
    return spares;
}

unsigned files_tidy(uint32_t number)
{
    close_folder(&main_volume);
    close_folder(&mirror_volume);
    tidy(&mirror_volume, number);
    return tidy(&main_volume, number);
}
