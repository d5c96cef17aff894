#include "live/server/site.hpp"

#include "live/server/topics.hpp"
#include "live/server/views/counter.hpp"
#include "live/server/views/post.hpp"
#include "live/server/views/ticks.hpp"
#include "pubsub/system.hpp"
#include "supervision/dynamic_supervisor.hpp"
#include "supervision/supervisor.hpp"

#include <charconv>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace beamline::bench {

namespace {

constexpr duration start_timeout = std::chrono::seconds{10};
constexpr duration stop_timeout = std::chrono::seconds{10};

std::string layout(const web::live::page_parts& parts) {
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">" + parts.head.str() + "</head><body>"
       + parts.body.str() + "</body></html>\n";
}

node::options node_options() {
  node::options o;
  o.name = "bench@127.0.0.1";
  o.contract.add<likes_changed>();
  o.contract.add<tick>();
  return o;
}

std::int64_t number_of(const web::request& req, std::string_view name) {
  const auto text = req.param(name);
  std::int64_t out = 0;
  (void)std::from_chars(text.data(), text.data() + text.size(), out);  // 0 for what is none: no ticks.
  return out;
}

}  // namespace

// The secret guards nothing but this run.
site::site()
    : home_{node_options(), {clock_, random_, *log_, events_, timers_}},
      keys_{keyring::parse("0123456789abcdef0123456789abcdef").value()},
      signer_{keys_, clock_},
      sessions_{signer_, {}} {
  web::live::endpoint::options live;
  live.layout = layout;
  live.sessions = views_;
  live_ = std::make_unique<web::live::endpoint>(home_, signer_, sessions_, std::move(live));
  start_processes();
  web::web_options o;
  o.port = 0;
  o.bind = "127.0.0.1";
  o.origins.public_host = "127.0.0.1";
  auto started = web::server::start(std::move(o), routes(), {*log_, events_, clock_, random_});
  if (!started)
    throw std::runtime_error{started.error().message};
  server_ = std::move(*started);
}

site::~site() {
  if (server_)
    server_->shutdown(stop_timeout);
  (void)home_.shutdown(stop_timeout);  // Views use what is here until they have ended.
}

void site::start_processes() {
  auto& env = home_.env();
  env.provide(partitions_);
  env.provide(systems_);
  env.provide(sources_);
  auto top = home_.spawn<supervision::supervisor>(supervision::supervisor_spec{
      .children = {pubsub::child_system({}),
                   supervision::child_dynamic_supervisor(
                       "views", supervision::dynamic_supervisor_spec{.births = views_.state()})}});
  // It answers while they start, too; without the nursery of views pages would be refused.
  const auto until = std::chrono::steady_clock::now() + start_timeout;
  for (;;) {
    auto begun = home_.call_sync<supervision::child_counts>(top, supervision::count_children{}, start_timeout);
    if (const auto* e = std::get_if<call_error>(&begun))
      throw std::runtime_error{"the node does not start: " + to_string(*e)};
    const auto& counts = std::get<supervision::child_counts>(begun);
    if (counts.active == counts.specs)
      break;
    if (std::chrono::steady_clock::now() > until)
      throw std::runtime_error{"the node does not start: its children are not there in time"};
    std::this_thread::sleep_for(1ms);
  }
  sources_.scoreboard = home_.spawn<scoreboard>();
  sources_.ticker = home_.spawn<ticker>();
}

web::router site::routes() {
  web::router all;
  live_->view<counter>(all, "/counter", "counter");
  live_->view<ticks>(all, "/ticks", "ticks");
  live_->view<post>(all, "/post/:slug", "post");
  live_->connect(all, "/live/websocket");
  all.post("/ticks/:per_second/:seconds", [this](const web::request& req, web::responder answer) {
    home_.cast(sources_.ticker, make_ticks{number_of(req, "per_second"), number_of(req, "seconds")});
    answer.send(web::response::text("started"));
  });
  return all;
}

}  // namespace beamline::bench
