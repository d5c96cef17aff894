#include "net/rpc/requests.hpp"

#include "actors/process.hpp"

#include <memory>

namespace beamline::net::rpc {

namespace {

raw_outcome badarg(std::string text) { return failure{rpc_error{rpc_error::kind::badarg, std::move(text)}}; }

raw_outcome unknown(request_id id) {
  return badarg("request " + std::to_string(id.number) + " was handed over or abandoned, or was never sent");
}

}  // namespace

/// Makes one call, hands over its outcome and ends; earlier, when whoever it is for does.
class requests::runner final : public process {
public:
  struct setup {
    std::string node, procedure;
    bytes arguments;
    std::function<void(raw_outcome)> done;
  };
  runner(process_context& c, setup s) : process{c}, setup_{std::move(s)} {}

  behavior init() override {
    watch(parent(), [this](const reason&) { stop(); });
    detail::start(process_access{*this}, {detail::target::by::node, setup_.node}, setup_.procedure,
                  std::move(setup_.arguments), time_limit::infinity(), [this](raw_outcome o) {
                    setup_.done(std::move(o));
                    stop();
                  });
    return {};
  }

private:
  setup setup_;
};

requests::~requests() {
  // Nobody is told any more: the process is ending, or whoever asked has gone with this.
  for (const auto& [id, r] : all_)
    if (r.runner)
      owner_.exit(r.runner, reason::kill());
}

result<request_id> requests::send_raw(std::string node, std::string procedure, bytes arguments, std::string label) {
  if (auto wrong = detail::objection_to({detail::target::by::node, node}, procedure, arguments); !wrong.empty())
    return error{errc::invalid, "badarg: " + wrong};
  if (all_.size() >= max_)
    return error{errc::busy, std::to_string(max_) + " requests were sent and not fetched; fetch or abandon some"};
  auto id = request_id{++last_};
  auto tell = owner_.resume_with([this, id, life = std::weak_ptr{life_}](raw_outcome o) {
    if (!life.expired())
      completed(id, std::move(o));
  });
  auto& r = all_[id];
  r.label = std::move(label);
  auto how = birth{.label = "request of " + procedure};
  r.runner = owner_.spawn_as<runner>(
      std::move(how), runner::setup{std::move(node), std::move(procedure), std::move(arguments), std::move(tell)});
  ++open_;
  return id;
}

void requests::later(std::function<void()> fn) {
  owner_.run_after(duration::zero(), [f = std::move(fn), life = std::weak_ptr{life_}] {
    if (!life.expired())
      f();
  });
}

void requests::completed(request_id id, raw_outcome o) {
  auto r = all_.find(id);
  if (r == all_.end())
    return;
  r->second.runner = {};
  if (auto answer = std::exchange(r->second.waiting, nullptr)) {
    owner_.cancel(r->second.timer);
    all_.erase(r);
    --open_;
    serve_next();
    return answer(std::move(o));
  }
  r->second.value = std::move(o);
  done_.push_back(id);
  serve_next();
}

// -- one by one -----------------------------------------------------------------------------------------

void requests::ask(request_id id, const time_limit& within, bool is_last, raw_answer fn) {
  auto r = all_.find(id);
  auto left = within.from(owner_.now());
  auto is_open = r != all_.end() && (r->second.runner || r->second.value);
  if (!is_open || !left || r->second.waiting) {
    auto why = !is_open ? unknown(id)
             : !left    ? badarg(left.error().message)
                        : badarg("somebody waits for request " + std::to_string(id.number) + " already");
    return later([fn, why] { fn(why); });
  }
  if (r->second.value)
    return later([fn, o = std::make_shared<raw_outcome>(take(id).value())] { fn(std::move(*o)); });
  r->second.waiting = std::move(fn);
  r->second.timer = owner_.run_after(*left, [this, id, is_last] {
    auto at = all_.find(id);
    auto answer = std::exchange(at->second.waiting, nullptr);
    if (!is_last)
      return answer(std::nullopt);
    abandon(id);
    answer(failure{rpc_error{rpc_error::kind::timeout, "request " + std::to_string(id.number)}});
  });
}

std::optional<raw_outcome> requests::take(request_id id) {
  auto r = all_.find(id);
  if (r == all_.end() || (!r->second.runner && !r->second.value))
    return unknown(id);
  if (!r->second.value)
    return std::nullopt;
  auto o = std::move(r->second.value);
  all_.erase(r);
  --open_;
  serve_next();
  return o;
}

bool requests::abandon(request_id id) {
  auto r = all_.extract(id);
  if (!r)
    return false;
  auto& gone = r.mapped();
  if (gone.runner || gone.value)
    --open_;
  if (gone.runner)
    owner_.exit(gone.runner, reason::kill());
  if (gone.waiting) {
    owner_.cancel(gone.timer);
    later([fn = std::move(gone.waiting), why = unknown(id)] { fn(why); });
  }
  serve_next();
  return true;
}

void requests::abandon_all() {
  while (!all_.empty())
    abandon(all_.begin()->first);
  done_.clear();
}

// -- in the order of completion ---------------------------------------------------------------------------

void requests::ask_next(const time_limit& within, then what, next_answer fn) {
  auto left = within.from(owner_.now());
  if (!left || next_) {
    auto why = badarg(left ? "somebody waits for the next request already" : left.error().message);
    return later([fn, why] { fn({next_kind::completed, {}, {}, why}); });
  }
  next_ = std::move(fn);
  next_then_ = what;
  next_timer_ = owner_.run_after(*left, [this] { tell_next({next_kind::no_response, {}, {}, {}}); });
  serve_next();
}

/// What there is goes to who waits for it, in a later turn.
void requests::serve_next() {
  if (!next_ || std::exchange(is_serving_, true))
    return;
  later([this] {
    is_serving_ = false;
    if (!next_)
      return;
    // Those that were handed over one by one meanwhile, or abandoned, are passed over.
    std::erase_if(done_, [this](request_id id) {
      auto r = all_.find(id);
      return r == all_.end() || !r->second.value;
    });
    if (done_.empty() && open_ > 0)
      return;
    if (done_.empty())
      return tell_next({});
    auto r = all_.find(done_.front());
    raw_next n{next_kind::completed, r->first, r->second.label, std::exchange(r->second.value, std::nullopt)};
    done_.pop_front();
    --open_;
    if (next_then_ == then::remove)
      all_.erase(r);
    tell_next(std::move(n));
  });
}

void requests::tell_next(raw_next n) {
  owner_.cancel(next_timer_);
  std::exchange(next_, nullptr)(std::move(n));
}

}  // namespace beamline::net::rpc
