#include "program/outbox_verbs.hpp"

#include "actors/process_text.hpp"
#include "base/crypto.hpp"
#include "base/json.hpp"
#include "net/outbox/api.hpp"
#include "program/errand.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace beamline::program {

namespace {

namespace ob = net::outbox;
using control::answer;
using control::takes;

// The outbox is a process of this node, which answers at once.
constexpr duration local_time = 5s;

json ms_or_null(const std::optional<duration>& d) { return d ? json(to_ms(*d)) : json(nullptr); }

error error_of(const call_error& e) {
  if (e.what == call_error::kind::noproc)
    return {errc::unavailable, "no outbox runs on this node: none of its applications declares events that wait"};
  return {e.what == call_error::kind::timeout ? errc::timeout : errc::unavailable,
          "the outbox gave no answer: " + to_string(e)};
}

// -- what is shown -------------------------------------------------------------------------

std::string status_text(const ob::status& s) {
  if (!s.is_ready)
    return "the outbox is starting: it reads its table\n";
  auto out = grouped(s.size) + " of " + grouped(s.entries_max) + " entries wait, " + bytes_text(s.octets) + " of "
           + bytes_text(s.bytes_max) + (s.is_durable ? "" : ", in memory");
  if (s.oldest)
    out += "; the oldest for " + span_text(*s.oldest);
  out += "\n" + (s.target ? "target " + *s.target : std::string{"no target is linked"});
  if (s.targets.size() > 1)
    out += ", one of " + std::to_string(s.targets.size());
  out += s.is_syncing ? ", sending" : s.is_failing ? ", failing" : "";
  if (s.next_attempt)
    out += ", next attempt in " + span_text(*s.next_attempt);
  if (!s.last_error.empty())
    out += "\nlast error: " + printable(s.last_error, 300);
  out += "\n" + grouped(s.dead) + " dead letters\nsince the start: " + grouped(s.accepted) + " kept, "
       + grouped(s.applied) + " applied, " + grouped(s.merged) + " merged, " + grouped(s.rejected) + " rejected, "
       + grouped(s.refused) + " refused, " + grouped(s.dropped) + " dropped, " + grouped(s.lost) + " lost\n";
  return out;
}

json status_json(const ob::status& s) {
  return {{"size", s.size},
          {"octets", s.octets},
          {"entries_max", s.entries_max},
          {"bytes_max", s.bytes_max},
          {"dead", s.dead},
          {"direct", s.direct},
          {"is_ready", s.is_ready},
          {"is_durable", s.is_durable},
          {"status", s.is_syncing ? "syncing" : "idle"},
          {"is_failing", s.is_failing},
          {"target", s.target ? json(*s.target) : json(nullptr)},
          {"targets", s.targets},
          {"oldest_ms", ms_or_null(s.oldest)},
          {"next_attempt_in_ms", ms_or_null(s.next_attempt)},
          {"last_error", s.last_error},
          {"accepted", s.accepted},
          {"applied", s.applied},
          {"merged", s.merged},
          {"rejected", s.rejected},
          {"refused", s.refused},
          {"dropped", s.dropped},
          {"lost", s.lost},
          {"text", status_text(s)}};
}

json list_json(const ob::entry_list& l, bool is_dead) {
  auto all = json::array();
  std::string text;
  for (const auto& e : l.entries) {
    all.push_back({{"id", e.what.id.str()},
                   {"type", e.what.type},
                   {"key", e.what.key},
                   {"merged", e.merged},
                   {"age_ms", to_ms(e.age)},
                   {is_dead ? "why" : "state", e.state},
                   {"payload", base64url_encode(e.what.payload)}});
    text += e.what.id.str() + "  " + printable(e.what.type, 40) + "  " + printable(e.what.key, 60) + "  "
          + span_text(e.age) + (e.merged > 1 ? "  x" + grouped(e.merged) : "") + "  " + printable(e.state, 200) + "\n";
  }
  if (l.total > l.entries.size())
    text += "... " + grouped(l.total - l.entries.size()) + " more\n";
  if (text.empty())
    text = is_dead ? "no dead letters\n" : "nothing waits\n";
  return {{"total", l.total}, {"entries", std::move(all)}, {"text", std::move(text)}};
}

json count_json(std::uint64_t n, std::string_view what) {
  return {{"count", n}, {"text", grouped(n) + " dead letters " + std::string{what} + "\n"}};
}

json report_json(const ob::import_report& r, const std::vector<std::string>& problems) {
  auto text = grouped(r.kept) + " events wait now; " + grouped(r.known) + " were known already, "
            + grouped(r.refused.size()) + " were refused, " + grouped(problems.size()) + " lines are no events\n";
  for (const auto* some : {&problems, &r.refused})
    for (std::size_t i = 0; i < std::min<std::size_t>(some->size(), outbox_shown); ++i)
      text += "  " + printable((*some)[i], 300) + "\n";
  return {{"kept", r.kept}, {"known", r.known}, {"refused", r.refused}, {"problems", problems}, {"text", text}};
}

// -- what is asked ---------------------------------------------------------------------------

class outbox_verbs : public std::enable_shared_from_this<outbox_verbs> {
public:
  outbox_verbs(node& n, std::shared_ptr<recovery_file> files) : node_{n}, files_{std::move(files)} {}

  void add_to(control::dispatcher& verbs) {
    verbs.add("outbox", "the events that wait until the node they are for is there",
              {takes("what", "status, queue_size, peek, enqueue, trigger_sync, dead, retry, discard or import; status"),
               takes("which",
                     "peek, dead: how many; enqueue: an event as JSON; retry, discard: an id, or all; import: a file")},
              [self = shared_from_this()](const json& a, const answer& reply) { self->run(a, reply); },
              {.timeout = outbox_import_time});
  }

private:
  void run(const json& a, answer reply) {
    auto text = [&](std::string_view name) {
      const auto* t = find_string(a, name);
      return t == nullptr ? std::string{} : *t;
    };
    auto what = text("what");
    auto which = text("which");
    if (what.empty() || what == "status")
      return ask<ob::status>(ob::get_status{}, status_json, reply);
    if (what == "trigger_sync")
      return ask<bool>(
          ob::trigger_sync{},
          [](bool is_begun) {
            return json{{"is_begun", is_begun},
                        {"text", is_begun ? "sending begins\n" : "nothing waits, or no target is linked\n"}};
          },
          reply);
    if (what == "queue_size")
      return ask<std::uint64_t>(
          ob::get_queue_size{},
          [](std::uint64_t n) {
            return json{{"size", n}, {"text", grouped(n) + "\n"}};
          },
          reply);
    if (what == "enqueue")
      return enqueue(which, reply);
    if (what == "peek" || what == "dead")
      return list(what == "dead", which, reply);
    if (what == "retry" || what == "discard")
      return change(what == "retry", which, reply);
    if (what == "import")
      return import_file(which, reply);
    reply.fail({errc::invalid,
                "the argument what is " + control::shown(what)
                    + ", expected status, queue_size, peek, enqueue, trigger_sync, dead, retry, discard or import"});
  }

  template <class R, class M, class Show>
  void ask(M m, Show show, const answer& reply, duration within = local_time) {
    auto done = [to = std::make_shared<answer>(reply)](const result<json>& r) { to->finish(r); };
    send_errand(node_, done, [=](const process_access& self) mutable {
      auto finish = finishing(self, done);
      self.call<R>(ob::outbox_on(self.self().env()), std::move(m), within)
          .then(
              [=](const R& r) {
                result<json> shown = show(r);  // Or why there is nothing to show.
                finish(shown);
              },
              [=](const call_error& e) { finish(result<json>{error_of(e)}); });
    });
  }

  void list(bool is_dead, const std::string& which, answer reply) {
    std::size_t count = outbox_shown;
    if (!which.empty()) {
      auto end = which.data() + which.size();
      auto read = std::from_chars(which.data(), end, count);
      if (read.ec != std::errc{} || read.ptr != end || count < 1 || count > outbox_shown_max)
        return reply.fail({errc::invalid, "the argument which is " + control::shown(which) + ", expected 1 to "
                                              + grouped(outbox_shown_max)});
    }
    auto show = [is_dead](const ob::entry_list& l) { return list_json(l, is_dead); };
    if (is_dead)
      ask<ob::entry_list>(ob::list_dead{count}, show, reply);
    else
      ask<ob::entry_list>(ob::peek{count}, show, reply);
  }

  void change(bool is_retry, const std::string& which, answer reply) {
    std::optional<uid> id;
    if (which != "all") {
      auto read = uid::parse(which);
      if (!read)
        return reply.fail({errc::invalid, "the argument which is " + control::shown(which)
                                              + ", expected an id as `outbox dead` shows it, or all"});
      id = *read;
    }
    auto show = [is_retry, id](std::uint64_t n) {
      return n == 0 && id ? json{{"count", 0}, {"text", "there is no such dead letter, or no room for it\n"}}
                          : count_json(n, is_retry ? "wait again" : "are gone");
    };
    if (is_retry)
      ask<std::uint64_t>(ob::retry_dead{id}, show, reply);
    else
      ask<std::uint64_t>(ob::discard_dead{id}, show, reply);
  }

  /// Checked as a line of a recovery file is; what people need not know is added.
  void enqueue(const std::string& text, answer reply) {
    auto line = parse_json(text, {.bytes_max = ob::recovery_line_bytes_max, .depth_max = 1});
    if (!line || !line->is_object())
      return reply.fail({errc::invalid, "enqueue needs an event as JSON, such as "
                                        R"({"type":"add_comment","key":"hello","payload":"<base64url>"})"
                                            + (line ? std::string{} : ": " + line.error().message)});
    const auto& env = node_.env();
    if (!line->contains("id"))
      (*line)["id"] = uid_source{env.time(), env.random()}.next().str();
    if (!line->contains("at"))
      (*line)["at"] = env.time().wall_now().time_since_epoch().count();
    auto e = ob::parse_recovery_line(dump_json(*line));
    if (!e)
      return reply.fail(e.error());
    auto id = e->id.str();
    auto show = [id](const ob::import_report& r) -> result<json> {
      if (!r.refused.empty())
        return error{errc::invalid, r.refused.front()};
      return json{{"id", id},
                  {"is_known", r.known > 0},
                  {"text", id + (r.known > 0 ? " waits already, or is a dead letter\n" : " waits\n")}};
    };
    ask<ob::import_report>(ob::import_events{{std::move(*e)}}, show, reply);
  }

  void import_file(const std::string& file, answer reply) {
    if (file.empty())
      return reply.fail({errc::invalid, "import needs a file: the recovery file, as outbox.recovery_path names it"});
    files_->read(file, [self = shared_from_this(), reply](const result<std::string>& text) mutable {
      if (!text)
        return reply.fail(text.error());
      auto found = ob::parse_recovery_file(*text);
      self->ask<ob::import_report>(
          ob::import_events{std::move(found.events)},
          [problems = std::move(found.problems)](const ob::import_report& r) { return report_json(r, problems); },
          reply, outbox_import_time);
    });
  }

  node& node_;
  std::shared_ptr<recovery_file> files_;
};

}  // namespace

void add_outbox_verbs(control::dispatcher& verbs, node& n, std::shared_ptr<recovery_file> files) {
  std::make_shared<outbox_verbs>(n, std::move(files))->add_to(verbs);
}

}  // namespace beamline::program
