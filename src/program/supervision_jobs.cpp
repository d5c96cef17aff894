#include "program/supervision_jobs.hpp"

#include "actors/process_text.hpp"
#include "base/json.hpp"
#include "supervision/process_view.hpp"

#include <algorithm>
#include <optional>

namespace beamline::program {

namespace {

using namespace supervision;

// How often a kill looks for what became of its target: at first, and later on.
constexpr duration look_first = 2ms;
constexpr duration look_last = 100ms;
// Left of the client's patience for the answer to get there.
constexpr duration answer_reserve = 50ms;

json ms(duration d) { return static_cast<double>(d.count()) / 1e6; }

class kill_job final : public process {
public:
  kill_job(process_context& c, const board_registry& boards, kill_order o, control::answer reply)
      : process{c}, boards_{boards}, order_{std::move(o)}, reply_{std::move(reply)} {}

  behavior init() override {
    begun_ = now();
    end_ = begun_ + order_.watch_for;
    if (reply_.deadline() != time_point::max())
      end_ = std::min(end_, std::max(begun_, reply_.deadline() - answer_reserve));
    if (order_.target.state == process_state::zombie) {
      finish("zombie", "was killed before and is a zombie: it is gone when its handler returns");
      return {};
    }
    // Not as `exit` of this process: supervisors listen to their parent and to the node only.
    watch(pid{env().self(), order_.target.id}, [this](const reason& why) {
      ended_as_ = why;
      if (!is_done_)
        find_successor();
    });
    env().processes().exit(order_.target.id, {pid{}, order_.why});
    run_after(look_, [this] { look(); });
    return {};
  }

private:
  void look() {
    if (is_done_ || (ended_as_ && find_successor()))
      return;
    if (now() >= end_)
      return ended_as_ ? tell_gone() : tell_alive();
    look_ = std::min(look_ * 2, look_last);
    run_after(std::clamp<duration>(end_ - now(), 1us, look_), [this] { look(); });
  }

  [[nodiscard]] bool has_supervisor() const { return boards_.find(order_.target.parent) != nullptr; }

  bool find_successor() {
    const auto& was = order_.target;
    if (was.parent == 0) {
      tell_gone();
      return true;
    }
    for (const auto& p : env().processes().list(now())) {
      auto is_successor = p.parent == was.parent && p.born > was.born && p.label == was.label
                       && p.position == was.position && p.incarnation > was.incarnation
                       && p.state != process_state::zombie;
      if (!is_successor)
        continue;
      finish("restarted",
             "restarted as " + short_text(p.id) + ", life " + std::to_string(p.incarnation) + ", after "
                 + span_text(now() - begun_),
             {{"pid", short_text(p.id)}, {"incarnation", p.incarnation}});
      return true;
    }
    return false;
  }

  void tell_gone() {
    auto text = "gone (" + to_string(*ended_as_) + ")";
    auto board = boards_.find(order_.target.parent);
    auto parent = order_.target.parent;
    if (board != nullptr)
      for (const auto& s : board->read(now()).empty_slots)
        if (s.id == order_.target.label && s.state == slot_state::restarting)
          return finish("restarting",
                        text + "; its supervisor " + short_text(parent) + " has not yet started it again");
    if (parent != 0 && !env().processes().is_alive(parent))
      text += "; its parent " + short_text(parent) + " has ended, too";
    else if (parent != 0)
      text += std::string{"; its "} + (has_supervisor() ? "supervisor" : "parent") + " did not start it again";
    finish("gone", text);
  }

  void tell_alive() {
    auto p = env().processes().info(order_.target.id, now());
    if (!p)
      return tell_ending();
    if (!p->current.empty())
      return finish("stuck",
                    "is still there: it is in " + printable(short_kind(p->current), 120) + " for "
                        + span_text(p->current_age) + ", and a handler can only end by itself"
                        + (has_supervisor() ? "; `restart` has its supervisor give it up and start a successor" : ""));
    finish("alive", order_.why.is_kill() ? "is still there; it has " + grouped(static_cast<std::uint64_t>(p->depth))
                                               + " messages waiting and had no turn yet"
                    : p->traps_exits ? "is still there: it traps exits and goes on, or takes its time"
                                     : "is still there: this reason does not end it");
  }

  // It is not in the table any more, and that has not been heard yet.
  void tell_ending() {
    ended_as_ = env().processes().exit_reason(order_.target.id).value_or(reason::noproc());
    tell_gone();
  }

  void finish(const char* outcome, const std::string& text, json successor = nullptr) {
    is_done_ = true;
    const auto& t = order_.target;
    json out{{"pid", short_text(t.id)},
             {"path", order_.path},
             {"kind", t.kind},
             {"reason", to_string(order_.why)},
             {"outcome", outcome},
             {"ended_as", ended_as_ ? json(to_string(*ended_as_)) : json(nullptr)},
             {"successor", std::move(successor)},
             {"took_ms", ms(now() - begun_)}};
    out["text"] = printable(order_.path, 200) + " " + short_text(t.id) + " (" + printable(short_kind(t.kind), 80)
                + "), sent " + printable(to_string(order_.why), 80) + ": " + text + "\n";
    reply_.ok(out);
    stop();
  }

  const board_registry& boards_;
  kill_order order_;
  control::answer reply_;
  time_point begun_{}, end_{};
  duration look_ = look_first;
  std::optional<reason> ended_as_;
  bool is_done_ = false;
};

class restart_job final : public process {
public:
  restart_job(process_context& c, restart_order o, control::answer reply)
      : process{c}, order_{std::move(o)}, reply_{std::move(reply)} {}

  behavior init() override {
    begun_ = now();
    if (order_.id.empty()) {
      refuse_dynamic();
      return {};
    }
    ask<answer<child_spec>>(get_child_spec{order_.id}, [this](const answer<child_spec>& a) {
      if (!a.ok())
        return a.error().what == child_error::kind::stopping ? fail(a.error()) : refuse_dynamic();
      if (a->restart == restart_type::temporary)
        return end_with(
            {errc::unsupported, printable(order_.called, 200)
                                    + " is temporary: its slot would go with it, so it cannot be restarted; "
                                      "`kill` ends it"});
      end_it();
    });
    return {};
  }

private:
  template <class R, class M, class F>
  void ask(M m, F then) {
    auto within = reply_.deadline() == time_point::max()
                    ? duration{1min}
                    : std::max<duration>(reply_.deadline() - now() - answer_reserve, 1ms);
    call<R>(order_.supervisor, std::move(m), within).then(std::move(then), [this](const call_error& e) {
      auto is_timeout = e.what == call_error::kind::timeout;
      end_with(
          {is_timeout ? errc::timeout : errc::unavailable,
           "the supervisor " + to_string(order_.supervisor)
               + (is_timeout ? " is not done yet; `tree` shows how far it is" : " gave no answer: " + to_string(e))});
    });
  }

  void end_it() {
    ask<change_answer>(terminate_child{order_.id}, [this](const change_answer& a) {
      if (!a.ok())
        return fail(a.error());
      ask<start_answer>(restart_child{order_.id}, [this](const start_answer& s) {
        if (!s.ok())
          return fail(s.error());
        succeed(*s);
      });
    });
  }

  void refuse_dynamic() {
    end_with({errc::unsupported, printable(order_.called, 200) + " is a child of " + to_string(order_.supervisor)
                                     + ", which restarts children only when they fail; `kill` makes it do so"});
  }

  void fail(const child_error& e) {
    auto code = e.what == child_error::kind::busy         ? errc::busy
              : e.what == child_error::kind::not_found    ? errc::not_found
              : e.what == child_error::kind::start_failed ? errc::unavailable
              : e.what == child_error::kind::unsupported  ? errc::unsupported
                                                          : errc::conflict;
    end_with({code, "cannot restart " + printable(order_.called, 200) + ": " + to_string(e)});
  }

  void end_with(const error& e) {
    reply_.fail(e);
    stop();
  }

  void succeed(const started_child& s) {
    auto took = now() - begun_;
    auto p = s.who ? env().processes().info(s.who.id(), now()) : std::nullopt;
    auto text = printable(order_.called, 200)
              + (s.who ? ": restarted as " + short_text(s.who.id())
                             + (p ? ", life " + std::to_string(p->incarnation) : std::string{})
                       : std::string{": stopped; it chose not to start again"})
              + ", after " + span_text(took) + "\n";
    reply_.ok({{"pid", s.who ? json(short_text(s.who.id())) : json(nullptr)},
               {"incarnation", p ? json(p->incarnation) : json(nullptr)},
               {"id", order_.id},
               {"supervisor", short_text(order_.supervisor.id())},
               {"took_ms", ms(took)},
               {"text", text}});
    stop();
  }

  restart_order order_;
  control::answer reply_;
  time_point begun_{};
};

/// A node that is ending, or is full, starts nobody.
template <class Job, class... Args>
void start(node& n, control::answer reply, Args&&... args) {
  try {
    n.spawn<Job>(std::forward<Args>(args)..., reply);
  } catch (const process_limit_reached& e) {
    reply.fail({errc::unavailable, e.what()});
  }
}

}  // namespace

void start_kill(node& n, const board_registry& boards, kill_order o, const control::answer& reply) {
  start<kill_job>(n, reply, std::cref(boards), std::move(o));
}

void start_restart(node& n, restart_order o, const control::answer& reply) {
  start<restart_job>(n, reply, std::move(o));
}

}  // namespace beamline::program
