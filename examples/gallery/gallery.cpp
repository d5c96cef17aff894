// The gallery: a node with a web server, and one small live page per feature. docs/gallery.md says more.
//
// usage: example_gallery [--port N] [--state DIR] [--assets DIR] [--development [BUILD]]
//
// Prints its address when it serves; ends in order at SIGTERM, at Ctrl-C and when its standard input ends.

#include "gallery/secret.hpp"
#include "gallery/site.hpp"
#include "support/end_signal.hpp"
#include "support/web_node.hpp"
#include "web/live/running_build.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <exception>
#include <filesystem>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

using namespace beamline;

namespace {

struct arguments {
  std::uint16_t port = 0;
  std::string state{};
  std::string assets{};
  std::optional<std::string> development_build{};
};

/// Beside the program, where the build puts them.
std::string usual_assets() {
  std::error_code unknown;
  return (std::filesystem::read_symlink("/proc/self/exe", unknown).parent_path() / "assets").string();
}

template <class T>
T value_or_throw(result<T> r) {
  if (!r)
    throw std::runtime_error{r.error().message};
  return *std::move(r);
}

int serve(const arguments& args) {
  example::end_signal end;  // Before any thread.
  const auto assets = value_or_throw(web::asset_store::load(args.assets));
  message_contract messages;
  gallery::site::add_messages(messages);
  example::web_node here{{.name = "gallery@127.0.0.1",
                          .contract = std::move(messages),
                          .services = {.children = gallery::site::children()},
                          .log = log_options{}}};
  const auto keys = value_or_throw(keyring::parse(value_or_throw(gallery::site_secret(args.state, here.random()))));
  const token_signer signer{keys, here.time()};
  const web::session_codec sessions{signer, {}};
  gallery::site site{{.home = here.get(),
                      .signer = signer,
                      .sessions = sessions,
                      .assets = assets,
                      .views = here.sessions(),
                      .development_build = args.development_build}};
  web::router routes;
  site.add_to(routes);
  auto server = here.listen(std::move(routes), args.port);
  std::cout << "http://localhost:" << server->port() << std::endl;
  end.wait();
  server->shutdown(5s);
  return here.end() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) try {
  arguments args{.assets = usual_assets()};
  CLI::App app{"Live pages, one feature each."};
  app.add_option("--port", args.port, "0, the default: any free one")->type_name("N");
  app.add_option("--state", args.state, "keeps the secret there, so that open pages survive a restart")
      ->type_name("DIR");
  app.add_option("--assets", args.assets, "what assets/build.mjs has made; the default is beside the program")
      ->type_name("DIR");
  std::string build;
  const auto* development =
      app.add_option("--development", build,
                     "shows failures in the browser; pages of another build, as which this program "
                     "takes itself unless told otherwise, load anew")
          ->type_name("[BUILD]")
          ->expected(0, 1);
  CLI11_PARSE(app, argc, argv);
  if (development->count() > 0)
    args.development_build = build.empty() ? web::live::running_build() : build;
  return serve(args);
} catch (const std::exception& e) {
  std::cerr << "example_gallery: " << e.what() << '\n';
  return 1;
}
