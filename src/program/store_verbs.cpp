#include "program/store_verbs.hpp"

#include "base/json.hpp"
#include "store/events.hpp"

#include <string>
#include <utility>

namespace beamline::program {

namespace {

constexpr std::int64_t kibibyte = 1024;

void start_backup(const json& arguments, control::answer reply,
                  const std::function<std::shared_ptr<store::database>()>& find) {
  const auto* file = find_string(arguments, "file");
  auto db = find();
  if (!db)
    return reply.fail({errc::unavailable, "this node has no database open: the application that owns one does not run "
                                          "here, or is being restarted"});
  db->back_up(*file, [reply, path = *file](const result<store::backup_report>& made) mutable {
    if (!made)
      return reply.fail(made.error());
    const auto octets = static_cast<std::int64_t>(made->octets);
    reply.ok({{"file", path},
              {"octets", octets},
              {"took_ms", to_ms(made->took)},
              {"text", "wrote " + path + " (" + std::to_string((octets + kibibyte - 1) / kibibyte) + " KiB, "
                           + std::to_string(to_ms(made->took)) + " ms), checked and on disk"}});
  });
}

}  // namespace

void add_store_verbs(control::dispatcher& verbs, std::function<std::shared_ptr<store::database>()> store) {
  verbs.add("store-backup", "writes a copy of the database to a file while the node runs",
            {control::needs("file", "full path on the node's machine; it must not exist yet")},
            [find = std::move(store)](const json& arguments, control::answer reply) {
              start_backup(arguments, std::move(reply), find);
            },
            {.timeout = backup_answer_time});
}

store_reports::store_reports(telemetry& events, logger& log) {
  handles_.push_back(events.attach<store::connected>([&log](const store::connected& e) {
    log.info("store", "connected with the database server",
             {{"server", e.server}, {"role", e.role}, {"attempts", e.attempts}});
  }));
  handles_.push_back(events.attach<store::disconnected>([&log](const store::disconnected& e) {
    log.warn("store", "lost the database server", {{"server", e.server}, {"role", e.role}, {"error", e.why}});
  }));
  handles_.push_back(events.attach<store::connect_failed>([&log](const store::connect_failed& e) {
    log.debug(
        "store", "the database server is still away",
        {{"server", e.server}, {"role", e.role}, {"attempts", e.attempts}, {"next_in", e.pause}, {"error", e.why}});
  }));
  handles_.push_back(events.attach<store::backed_up>([&log](const store::backed_up& e) {
    log.info("store", "wrote a backup", {{"file", e.file}, {"octets", e.octets}, {"took", e.took}});
  }));
}

}  // namespace beamline::program
