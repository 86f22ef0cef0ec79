#!/usr/bin/python3
"""There is always an administrator who can sign in: active, with an address, and with a password or a link to set one."""
import time

from kontor import ADMIN, PASSWORD, Client, Kontor, check, equal, finish, test

ALL = (("email", None), ("email", ""), ("role", "member"), ("role", None), ("active", False), ("active", None))


def refused(name, answer, field):
    fields = (answer.json or {}).get("error", {}).get("fields", [{}])
    check("last_admin__" + name, answer.status == 422 and fields[0].get("where") == "user." + field and
          "can sign in" in fields[0]["text"], answer)


def is_kept(k, when):
    """Whoever is the only one stays one, whichever way it is tried."""
    me = k.admin.user["id"]
    for field, value in ALL:
        refused("%s_%r_%s" % (field, value, when), k.admin.patch("/api/v1/users/%d" % me, {field: value}), field)
    refused("deleted_" + when, k.admin.delete("/api/v1/users/%d" % me), "active")
    for change in ({"set": {"email": None}}, {"set": {"active": False}}, {"delete": True}):
        answer = k.admin.post("/api/v1/users/bulk", {"ids": [me], **change}).json
        check("last_admin__bulk_%s_%s" % (list(change)[0], when), answer["changed"] == 0 and "can sign in" in answer["errors"][0]["text"], answer)
    result = k.run("import", "user", k.file("email,role\n%s,member\n" % ADMIN, "u.csv"), "--match", "email")
    equal("last_admin__import_" + when, 3, result.returncode)
    equal("last_admin__cli_disable_" + when, 1, k.run("user", "disable", "--email", ADMIN).returncode)
    equal("last_admin__signs_in_" + when, 200, Client(k.port).sign_in(ADMIN).status)


def others(k):
    is_kept(k, "alone")
    other = k.admin.post("/api/v1/users", {"name": "Other", "email": "other@example.com", "role": "admin"}).json["id"]
    path = "/api/v1/users/%d" % other
    is_kept(k, "beside_one_without_password")
    assert k.admin.post(path + "/link").status == 200
    with test("last_admin__a_link_to_set_a_password_counts"):
        answer = k.admin.patch("/api/v1/users/%d?dry_run=1" % k.admin.user["id"], {"email": None})
        assert answer.status == 200, answer
    k.must("user", "password", "--id", other, "--password-file", k.file(PASSWORD + "\n"))
    equal("last_admin__cli_sets_a_password_by_id", 200, Client(k.port).sign_in("other@example.com").status)
    k.must("user", "set", "--id", other, "--email", "new@example.com")
    with test("last_admin__with_another_one_may_go"):
        answer = k.admin.patch("/api/v1/users/%d?dry_run=1" % k.admin.user["id"], {"email": None})
        assert answer.status == 200, answer
    for gone in ({"active": False}, {"email": None}, {"role": "member"}):
        assert k.admin.patch(path, gone).status == 200, gone
        is_kept(k, "beside_one_with_" + list(gone)[0])
        assert k.admin.patch(path, {"active": True, "email": "new@example.com", "role": "admin"}).status == 200


def taken_back(k):
    """Undo and restoring to a moment go the same way."""
    me = k.admin.user["id"]
    third = k.admin.post("/api/v1/users", {"name": "Third", "role": "admin"}).json["id"]
    path = "/api/v1/users/%d" % third
    then = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
    time.sleep(2)
    address = k.admin.patch(path, {"email": "third@example.com"}).headers["x-kontor-change"]
    k.must("user", "password", "--email", "third@example.com", "--password-file", k.file(PASSWORD + "\n"))
    third = k.client("third@example.com")
    for user in third.get('/api/v1/users?filter=role = "admin"').json["items"]:
        if user["email"] != "third@example.com":
            assert third.patch("/api/v1/users/%d" % user["id"], {"role": "member"}).status == 200
    refused("undo_of_his_address", third.post("/api/v1/changes/%s/undo" % address), "email")
    refused("restore_to_before_it", third.post(path + "/restore", {"at": then}), "email")
    refused("restore_of_the_value", third.post(path + "/restore", {"change": int(address), "field": "email"}), "email")
    equal("last_admin__third_still_signs_in", 200, Client(k.port).sign_in("third@example.com").status)
    assert k.run("user", "set", "--id", me, "--role", "admin").returncode == 0
    equal("last_admin__is_nobody_of_no_id", 1, k.run("user", "password", "--id", "99999", "--password-file", k.file(PASSWORD + "\n")).returncode)
    equal("last_admin__id_is_a_number", 2, k.run("user", "disable", "--id", "x").returncode)


with Kontor() as k:
    others(k)
    taken_back(k)
finish()
