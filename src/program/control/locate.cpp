#include "program/control/locate.hpp"

#include "base/node_name.hpp"
#include "program/control/socket_file.hpp"

#include <algorithm>

namespace beamline::program::control {

result<location> locate(const std::string& node, const std::filesystem::path& var) {
  if (node.find('/') != std::string::npos) {
    std::filesystem::path path{node};
    std::error_code unknown;
    if (std::filesystem::is_directory(path, unknown))
      path /= socket_name;
    return location{std::move(path), {}};
  }
  auto has_host = node.find('@') != std::string::npos;
  auto name = node_name::parse(has_host ? node : node + "@localhost");
  if (!name)
    return name.error();
  return location{var / name->name() / socket_name, has_host ? name->text() : std::string{}};
}

std::vector<std::string> running_nodes(const std::filesystem::path& var) {
  std::vector<std::string> out;
  std::error_code ec;
  for (std::filesystem::directory_iterator at{var, ec}, end; !ec && at != end; at.increment(ec)) {
    auto socket = at->path() / socket_name;
    std::error_code unknown;
    if (out.size() < running_nodes_max && std::filesystem::is_socket(socket, unknown) && connect_to(socket))
      out.push_back(at->path().filename().string());
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace beamline::program::control
