#!/usr/bin/python3
"""An import that a person prepares: a draft with its file, what is suggested, a trial that shows each cell, the run,
its end by hand, and what went wrong put right."""
import time

from kontor import Kontor, check, equal, finish, test

PEOPLE = ("First name;Last name;E-mail;Born;Firm\n"
          "Ann;Lee;ann@example.com;21.11.1980;Nordwind\n"
          "Bo;Ek;bo@example.com;31.12.1975;Nordwind\n"
          ";;cy@example.com;;Ostwind\n").encode()


def call(k, method, path, body=None, as_=None):
    answer = (as_ or k.admin).request(method, "/api/v1" + path, body)
    return answer


def draft(k, data=PEOPLE, name="people.csv", **more):
    job = k.admin.post("/api/v1/imports", {"wizard": True, "file_name": name, **more}).json["id"]
    sent = k.admin.request("PUT", "/api/v1/imports/%d/data" % job, data, headers={"Content-Type": "text/csv"})
    return job, sent


def ended(k, job, part="check"):
    for _ in range(400):
        status = k.admin.get("/api/v1/imports/%d" % job).json
        if status[part] and status[part]["state"] in ("done", "failed", "cancelled"):
            return status[part]
        time.sleep(0.05)
    raise AssertionError(status)


def main():
    with Kontor() as k:
        job, sent = draft(k)
        print(sent.status, sent.text)
        print(k.admin.get("/api/v1/imports/%d/file" % job).text)
        print(k.admin.post("/api/v1/imports/%d/check" % job, {}).text)
        print(ended(k, job))
        print(k.admin.get("/api/v1/imports/%d/preview" % k.admin.get("/api/v1/imports/%d" % job).json["check"]["id"]).text)
    finish()


main()
