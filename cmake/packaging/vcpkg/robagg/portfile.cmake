# `vcpkg install robagg --overlay-ports=cmake/packaging/vcpkg` packages the checkout that this port lies in. vcpkg itself has not run it
# yet. A port of a release begins with vcpkg_from_github(REPO robagg/robagg REF "v${VERSION}" ...) instead.
set(VCPKG_BUILD_TYPE release)  # headers only
cmake_path(SET SOURCE_PATH NORMALIZE "${CMAKE_CURRENT_LIST_DIR}/../../../..")

vcpkg_cmake_configure(SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS -DROBAGG_BUILD_TESTS=OFF -DROBAGG_BUILD_EXAMPLES=OFF -DROBAGG_BUILD_COMPARE=OFF -DROBAGG_MPI=OFF)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/robagg)
vcpkg_fixup_pkgconfig()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/share/doc")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
