/*
 * THE tables of keys of entities and fields: what their YAML is checked by, and what conf/README.md
 * says of them.
 */
#include <string.h>

#include "base/buf.h"
#include "model/load.h"

#define KEYS_MAX 32

const struct model_key ENTITY_KEYS[] = {
    {"entity", "its name, by which everything refers to it", "entity: vessel", false},
    {"label", "what one is called on the screen; also `{en: …, de: …}`", "label: Vessel", true},
    {"plural", "the last part of its address, not one of ours; the name with an s where none is given",
     "plural: vessels", false},
    {"label_plural", "what many are called on the screen", "label_plural: Vessels", true},
    {"icon", "a picture by its lucide name", "icon: ship", true},
    {"title", "the field, or the list of fields, a record is called by", "title: name", true},
    {"title_else", "the fields of which the first filled one stands where a title is empty",
     "title_else: [company_name]", true},
    {"title_sort", "the fields of the title in the order lists go by",
     "title_sort: [last_name, first_name]", true},
    {"picture", "a field of type file whose picture stands in place of initials", "picture: photo",
     true},
    {"list", "the columns of a list", "list: [name, company]", true},
    {"quick", "the fields of the short form for a new one", "quick: [name, company]", true},
    {"detail", "the parts of a record's page, each with its fields", "detail: {Hull: [length, flag]}",
     true},
    {"sort", "the order of a list that names none; `-` begins with the last", "sort: -surveyed",
     true},
    {"score", "conditions that give points, also below nothing, with the reason; a fi"
     "eld `score` holds their sum, and what hangs on the day or another record cannot count",
     "score: [{points: 10, if: 'phones is not empty', say: Can be called}]", true},
    {"hot", "from so many points on a record is hot", "hot: 40", true},
    {"menu", "`false` keeps it out of the menu", "menu: false", true},
    {"timeline", "`false`: no field of type `records` points to it, so it has no timeline",
     "timeline: false", false},
    {"story", "how it stands in the timelines of others, see below; none: in none", "story: {at: arrived}", false},
    {"lines", "it is the lines of another kind: `of` links to it, `sum` is its field that holds what the lines "
     "come to; by their names `product`, `quantity`, `price`, `discount`, `tax`, `total`, `tax_amount` count",
     "lines: {of: order, sum: amount}", false},
    {"visible", "who sees it, beside the scope of his role, see below", "visible: {all_of: [company]}",
     false},
    {"fields", "its fields, by name", "fields: {name: {type: text}}", true},
    {NULL, NULL, NULL, false},
};

const struct model_key FIELD_KEYS[] = {
    {"type", "what it holds, see above", "type: date", false},
    {"label", "what it is called on the screen; also `{en: …, de: …}`", "label: Next survey", true},
    {"help", "a line below it in forms", "help: In metres", true},
    {"group", "the part of a record's page it stands in", "group: Contract", false},
    {"required", "`true`, or a condition: it must not be empty",
     "required: {if: 'stage = \"won\"'}", true},
    {"readonly", "`true`, or a condition: it is not to be changed", "readonly: true", true},
    {"visible", "a condition under which forms show it; no right: that is `see`",
     "visible: {if: 'status = \"docked\"'}", true},
    {"default", "the value of a new record; an expression without fields", "default: 'today()'", true},
    {"unique", "no two records have the same; the bin does not count", "unique: true", false},
    {"min", "the least value, or length", "min: 0", true},
    {"max", "the greatest value, or length", "max: 2100-12-31", true},
    {"places", "digits after the point, up to 6", "places: 3", false},
    {"of", "choices: the options, as a list or with their labels; `{label: …, of: …}` for one with others below it",
     "of: {de: Germany, no: Norway}",
     true},
    {"also", "choices: options besides those of `of`, as under `of`; one may have an icon: `{label: Visit, icon: map-pin}`; "
     "a kind or result of activities with `answers: false` is no first answer to an enquiry",
     "also: {visit: {label: Visit, icon: map-pin}}", true},
    {"to", "links: the entity they point to", "to: company", false},
    {"reverse", "links: what the way back is called in expressions and filters", "reverse: papers",
     false},
    {"tree", "a link to the same kind that leads upwards: no record stands above itself, pages show the tree",
     "tree: true", false},
    {"search", "the search finds records by it", "search: true", true},
    {"index", "lists are filtered and sorted by it quickly", "index: true", true},
    {"compute", "an expression that gives its value; nobody sets it", "compute: 'amount * 2'", false},
    {"stored", "with `compute`: `false` makes it at every reading, as what hangs on the day must be",
     "stored: false", false},
    {"becomes",
     "for records that are converted: the field of the other record that takes the value, several as a list, `or` "
     "for the first whose record is made; `true` at links that hold what was made",
     "becomes: [contact.phones or company.phones]", true},
    {"remind",
     "dates: who is told in the program before the day comes, once or `yearly` (29 February on the 28th "
     "of other years); one or a list, `[]` none",
     "remind: {before: 30 days, to: owner}", true},
    {"see", "the roles that see it; administrators always do", "see: [lead]", true},
    {"edit", "the roles that set it", "edit: [lead]", true},
    {NULL, NULL, NULL, false},
};

const struct model_key VISIBLE_KEYS[] = {
    {"any_of", "links: seen by whoever sees a record one of them points to, and by its owner",
     "any_of: [links]", false},
    {"all_of",
     "links: seen by whoever sees all the records they point to; while one is empty, only as far as "
     "the scope of the role reaches, as any record",
     "all_of: [deal, contact]", false},
    {"if",
     "a condition: what fits is seen by all whose role sees any of the kind, beyond `own` and `team`; "
     "it never takes from what is seen: for that leave the record's owner and team to others",
     "if: 'shared'", false},
    {NULL, NULL, NULL, false},
};

bool load_check_model_keys(struct loader *l, const struct yaml *node, const struct model_key *keys,
                           bool built_in)
{
    const char *names[KEYS_MAX] = {NULL};
    size_t count = 0;
    for (const struct model_key *k = keys; k->name != NULL && count + 1 < KEYS_MAX; k++) {
        if (!built_in || k->built_in) {
            names[count++] = k->name;
        }
    }
    return load_check_keys(l, node, names);
}

void keys_write_table(struct buf *out, const struct model_key *keys)
{
    buf_puts(out, "| Key | Meaning | Example |\n|---|---|---|\n");
    for (const struct model_key *k = keys; k->name != NULL; k++) {
        buf_printf(out, "| `%s` | %s%s | `%s` |\n", k->name, k->meaning, k->built_in ? " ¹" : "",
                   k->example);
    }
}

void keys_write_reference(struct buf *out)
{
    buf_puts(out, "\n## Entities\n\nOne file each in `entities/`. Keys with ¹ may also stand in "
                  "`fields.yaml`, under the name of any entity,\nfor built-in ones too.\n\n");
    keys_write_table(out, ENTITY_KEYS);
    buf_puts(out, "\n## Fields\n\nUnder `fields` of an entity, or of its name in `fields.yaml`. Those "
                  "with ¹ also change built-in fields.\n\n");
    keys_write_table(out, FIELD_KEYS);
    buf_puts(out, "\n## Who sees an entity\n\nWhere `visible` says nothing, the role does, by owner "
                  "and team. Under `visible` its file can say\n\n");
    keys_write_table(out, VISIBLE_KEYS);
}
