#pragma once

// The workers of the catalogue (otp_catalogue.md): what suites of supervision put under supervisors.

#include "actors/process.hpp"
#include "supervision/child_spec.hpp"
#include "testing/world.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace beamline::supervision::workers {

// -- what workers are told ---------------------------------------------------------------

/// Ends with `normal`.
struct finish {};
/// Ends with that reason; what the catalogue calls `died` unless said otherwise.
struct die {
  reason why = reason::custom("died");
};
/// Throws.
struct crash {
  std::string text = "boom";
};
/// Is in its handler, and deaf, for so long (virtual time).
struct busy_for {
  duration length;
};
/// Answers its incarnation, an int.
struct ping {};

/// What happened, in order: "start a", "stop a shutdown". One per test; a world is one thread.
using journal = std::shared_ptr<std::vector<std::string>>;
inline journal make_journal() { return std::make_shared<std::vector<std::string>>(); }

inline void note(const journal& j, std::string what) {
  if (j)
    j->push_back(std::move(what));
}

/// What all of them can do.
class worker_base : public process {
public:
  worker_base(process_context& c, journal j, std::string id) : process{c}, journal_{std::move(j)}, id_{std::move(id)} {}

  behavior init() override {
    note(journal_, "start " + id_);
    return handlers([this](const finish&) { stop(); }, [this](const die& m) { stop(m.why); },
                    [](const crash& m) { throw std::runtime_error{m.text}; },
                    [](const busy_for& m) { beamline::testing::block(m.length); }, [](const ping&) { return 1; });
  }

  void terminate(const reason& why) override { note(journal_, "stop " + id_ + " " + to_string(why)); }

protected:
  journal journal_;
  std::string id_;
};

// -- the fixtures --------------------------------------------------------------------------

/// W: traps exits; an exit with a graceful reason ends it with that reason.
class w : public worker_base {
public:
  explicit w(process_context& c, journal j = {}, std::string id = {}) : worker_base{c, std::move(j), std::move(id)} {}
  behavior init() override {
    trap_exits([this](const exit_signal& e) {
      if (e.why.is_graceful())
        stop(e.why);
    });
    return worker_base::init();
  }
};

/// Does not trap: ends with whatever it is told.
class plain : public worker_base {
public:
  explicit plain(process_context& c, journal j = {}, std::string id = {})
      : worker_base{c, std::move(j), std::move(id)} {}
};

/// W2: takes its time to stop.
class w2 : public worker_base {
public:
  w2(process_context& c, duration needed, journal j = {}, std::string id = {})
      : worker_base{c, std::move(j), std::move(id)}, needed_{needed} {}
  behavior init() override {
    trap_exits([this](const exit_signal& e) { run_after(needed_, [this, why = e.why] { stop(why); }); });
    return worker_base::init();
  }

private:
  duration needed_;
};

/// W4: ends with its own reason when it is stopped.
class w4 : public worker_base {
public:
  w4(process_context& c, reason last, journal j = {}, std::string id = {})
      : worker_base{c, std::move(j), std::move(id)}, last_{std::move(last)} {}
  behavior init() override {
    trap_exits([this](const exit_signal&) { stop(last_); });
    return worker_base::init();
  }

private:
  reason last_;
};

/// Traps exits and ignores all of them: only a kill ends it.
class deaf : public worker_base {
public:
  explicit deaf(process_context& c, journal j = {}, std::string id = {})
      : worker_base{c, std::move(j), std::move(id)} {}
  behavior init() override {
    trap_exits([this](const exit_signal& e) { note(journal_, "signal " + id_ + " " + to_string(e.why)); });
    return worker_base::init();
  }
};

/// How a start goes.
enum class start_answer_of : std::uint8_t { ok, ignore, refuse, crash, never };

/// What the test says about starts: W3 asks at init, and WF is one that refuses while a flag is set.
struct script {
  std::map<std::string, std::vector<start_answer_of>> answers{};  // Per child, one per start; then `otherwise`.
  start_answer_of otherwise = start_answer_of::ok;
  std::map<std::string, int> starts{};

  start_answer_of next(const std::string& id) {
    auto nth = static_cast<std::size_t>(starts[id]++);
    auto i = answers.find(id);
    return i != answers.end() && nth < i->second.size() ? i->second[nth] : otherwise;
  }
};
using script_ptr = std::shared_ptr<script>;

/// W3 and WF: its starts go as the script says.
class w3 : public w {
public:
  w3(process_context& c, script_ptr s, journal j = {}, std::string id = {})
      : w{c, std::move(j), std::move(id)}, script_{std::move(s)} {}
  behavior init() override {
    switch (script_->next(id_)) {
      case start_answer_of::ok: break;
      case start_answer_of::ignore: return ignore_start();
      case start_answer_of::refuse: note(journal_, "fail " + id_); return refuse_start(reason::custom("refused"));
      case start_answer_of::crash: throw std::runtime_error{"cannot start"};
      case start_answer_of::never: hold_start(); break;
    }
    return w::init();
  }

  void terminate(const reason& why) override {
    if (why.text != "refused")
      w::terminate(why);
  }

private:
  script_ptr script_;
};

// -- their specs ---------------------------------------------------------------------------

/// A permanent W with a second to stop, the catalogue's usual child.
inline child_spec w_child(std::string id, journal j = {}) {
  auto spec = child<w>(id, std::move(j), id);
  spec.shutdown = shutdown_policy{std::chrono::seconds{1}};
  return spec;
}

inline child_spec w3_child(std::string id, script_ptr s, journal j = {}) {
  auto spec = child<w3>(id, std::move(s), std::move(j), id);
  spec.shutdown = shutdown_policy{std::chrono::seconds{1}};
  return spec;
}

}  // namespace beamline::supervision::workers
