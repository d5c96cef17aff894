#include "program/service_routes.hpp"

#include "base/json.hpp"

namespace beamline::program {

namespace {

constexpr const char* word_ready = "ready";

}  // namespace

void readiness::set_waiting(std::string part, std::string why) {
  std::lock_guard lock{mutex_};
  parts_.insert_or_assign(std::move(part), std::move(why));
}

void readiness::set_ready(std::string part) { set_waiting(std::move(part), word_ready); }

void readiness::set_draining() {
  std::lock_guard lock{mutex_};
  is_draining_ = true;
}

bool readiness::is_ready() const {
  std::lock_guard lock{mutex_};
  for (const auto& [part, state] : parts_)
    if (state != word_ready)
      return false;
  return !is_draining_;
}

std::string readiness::describe() const {
  auto status = is_ready();
  std::lock_guard lock{mutex_};
  json out{{"status", is_draining_ ? "draining" : status ? "ready" : "waiting"}, {"parts", json::object()}};
  for (const auto& [part, state] : parts_)
    out["parts"][part] = state;
  return dump_json(out);
}

void add_service_routes(web::router& routes, const readiness& ready, metrics::registry& metrics) {
  routes.get("/healthz", [](const web::request&, web::responder answer) {
    answer.send(web::response::json(R"({"status":"ok"})").with("cache-control", "no-store"));
  });
  routes.get("/readyz", [&ready](const web::request&, web::responder answer) {
    bool is_ready = ready.is_ready();
    auto res = web::response::json(ready.describe(), is_ready ? 200 : 503).with("cache-control", "no-store");
    if (!is_ready)
      res.headers.set("retry-after", "1");
    answer.send(std::move(res));
  });
  routes.get("/metrics", [&metrics](const web::request&, web::responder answer) {
    answer.send(web::response::text(metrics.render())
                    .with("content-type", "text/plain; version=0.0.4; charset=utf-8")
                    .with("cache-control", "no-store"));
  });
}

}  // namespace beamline::program
