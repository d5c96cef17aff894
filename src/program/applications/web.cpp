#include "program/applications/web.hpp"

#include "program/applications/ready_marker.hpp"
#include "program/applications/runtime.hpp"
#include "supervision/component.hpp"
#include "supervision/dynamic_supervisor.hpp"
#include "web/config.hpp"

#include <filesystem>

namespace beamline::program {

namespace {

// Of node.shutdown_timeout, the part in which browsers are sent away in waves.
constexpr int drain_share = 3;

/// Where the running program lies: its assets are found from there, in the build tree and installed.
std::filesystem::path program_dir() {
  std::error_code unknown;
  return std::filesystem::read_symlink("/proc/self/exe", unknown).parent_path();
}

}  // namespace

class web_site::server_part final : public supervision::component {
public:
  server_part(web_site& of, std::unique_ptr<web::server> s) : of_{of}, server_{std::move(s)} {
    of_.server_.set(*server_);
  }

  void stop(const reason&) override {
    of_.server_.clear();
    const auto& on = of_.on_;
    server_->shutdown(on.section(on.schema.node).shutdown_timeout / drain_share);
  }

private:
  web_site& of_;
  std::unique_ptr<web::server> server_;
};

result<std::unique_ptr<web_site>> web_site::prepare(node_parts& on, bool has_blog) {
  auto options = web::to_options(on.section(on.schema.web));
  if (!options)
    return options.error();
  std::unique_ptr<web_site> site{new web_site{on, std::move(*options)}};
  if (has_blog)
    if (auto ok = site->prepare_blog(); !ok)
      return ok.error();
  on.measured.watch(site->server_);
  return site;
}

result<void> web_site::prepare_blog() {
  auto options = on_.section(on_.schema.event_horizon);
  auto assets = web::asset_store::load(program_dir() / options.assets_dir);
  if (!assets)
    return assets.error();
  assets_ = std::move(*assets);
  auto keys = keyring::parse(on_.who.secret);
  if (!keys)
    return keys.error().in("node.secret");
  keys_ = std::move(*keys);
  signer_.emplace(*keys_, on_.clock);
  cookies_.emplace(*signer_, web::session_codec::options{.secure = on_.section(on_.schema.web).scheme == "https"});
  const auto web = on_.section(on_.schema.web);
  if (options.url.empty() && web.public_host != web::origin_policy{}.public_host)
    options.url = web.scheme + "://" + web.public_host;
  while (options.url.ends_with('/'))
    options.url.pop_back();
  auto blog = event_horizon::application::make(
      *on_.home,
      {*signer_, *cookies_, *assets_, options_.origins, sessions_, on_.threads.add("posts"), web.development,
       on_.section(on_.schema.cluster).remote_prefix, pid{on_.home->identity(), std::string{tasks_name}}},
      options);
  if (!blog)
    return blog.error();
  blog_ = std::move(*blog);
  return {};
}

web::router web_site::routes() {
  web::router all;
  add_service_routes(all, on_.ready, on_.metrics);
  if (blog_)
    blog_->add_pages(all);
  return all;
}

supervision::child_spec web_site::server_child() {
  auto start = [this](const supervision::component_context&) -> result<std::unique_ptr<supervision::component>> {
    auto server = web::server::start(options_, routes(), {on_.log, on_.events, on_.clock, on_.random});
    if (!server)
      return server.error();
    return std::unique_ptr<supervision::component>{std::make_unique<server_part>(*this, std::move(*server))};
  };
  auto spec = supervision::child_component("endpoint", start, on_.threads.add("web endpoint"));
  spec.shutdown = supervision::shutdown_policy::infinity();  // It has a limit of its own.
  return spec;
}

supervision::application web_site::application(std::vector<std::string> behind) {
  supervision::application a{.name = "web", .description = "pages for browsers", .dependencies = std::move(behind)};
  a.type = supervision::application_type::permanent;
  a.start = [this, endpoint = server_child()](supervision::application_context& c) -> supervision::application_start {
    return supervision::supervisor_spec{
        .flags = {.strategy = supervision::strategy::rest_for_one},
        .children = {supervision::child_dynamic_supervisor(
                         "sessions", supervision::dynamic_supervisor_spec{.births = sessions_.state()}),
                     endpoint, supervision::child<ready_marker>("readiness", &on_.ready, c.name())}};
  };
  return a;
}

}  // namespace beamline::program
